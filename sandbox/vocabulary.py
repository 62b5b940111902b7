"""The tables of the static policy: what a program may import and name, and what it may not.

Everything is computed when this module is imported, since the process that inspects a program may no longer
open a file.
"""

import builtins
import importlib
import re
import sys
import types

ALLOWED_MODULES = (
    "math",
    "random",
    "itertools",
    "functools",
    "collections",
    "heapq",
    "bisect",
    "string",
    "re",
    "json",
    "fractions",
    "decimal",
    "statistics",
    "dataclasses",
    "typing",
    "enum",
    "operator",
    "copy",
    "textwrap",
    "networkx",
    "canvas",
)
SUBMODULES = ("collections.abc", "json.decoder", "json.encoder")
BUILTINS = frozenset(dir(builtins))


def words(text: str) -> frozenset[str]:
    """The set of the words of a text."""
    return frozenset(text.split())


def _public_names(name: str) -> frozenset[str] | None:
    """The names a program may take from a module; None where they cannot be listed."""
    if name == "networkx":
        return None
    try:
        module = importlib.import_module(name)
    except ImportError:
        return None
    listed = getattr(module, "__all__", None)
    names = listed if listed is not None else [n for n in dir(module) if not n.startswith("_")]
    public = {n for n in names if not isinstance(getattr(module, n, None), types.ModuleType)}
    return frozenset(public | {part.rpartition(".")[2] for part in SUBMODULES if part.startswith(name + ".")})


PUBLIC_NAMES = {name: _public_names(name) for name in (*ALLOWED_MODULES, *SUBMODULES)}

_NO_CODE = "write the computation out as ordinary code"
_NO_IO = "a program reads its arguments and returns values, nothing else"
_NO_NAMESPACE = "use a dict of your own"
_NO_EXIT = "return a value instead"
REFUSED_BUILTINS = {
    "eval": "parse the text yourself (int, str.split, re, json.loads)",
    "exec": _NO_CODE,
    "compile": _NO_CODE,
    "__import__": "use an import statement",
    "open": _NO_IO,
    "input": _NO_IO,
    "print": _NO_IO,
    "globals": _NO_NAMESPACE,
    "locals": _NO_NAMESPACE,
    "vars": _NO_NAMESPACE,
    "breakpoint": "remove it",
    "help": "remove it",
    "exit": _NO_EXIT,
    "quit": _NO_EXIT,
    "id": "object identity differs from process to process; compare values or number the objects yourself",
    "hash": "hashes differ from process to process outside `__hash__`; use the value itself as the key",
}
ATTRIBUTE_FUNCTIONS = frozenset({"getattr", "setattr", "delattr"})

ALLOWED_DUNDERS = words(
    "__init__ __repr__ __eq__ __lt__ __hash__ __post_init__ __len__ __iter__ __getitem__ __contains__"
)
# Ways from an ordinary object to frames, code objects and the class tree.
INTERNAL_ATTRIBUTES = words(
    """gi_frame gi_code gi_yieldfrom cr_frame cr_code cr_await cr_origin ag_frame ag_code ag_await
    f_globals f_locals f_builtins f_back f_code f_trace f_lasti tb_frame tb_next tb_lasti tb_lineno
    co_code co_consts co_names co_varnames co_filename co_freevars co_cellvars co_positions co_lines
    func_globals func_code func_closure func_defaults func_dict im_func im_self im_class mro"""
)
FORMAT_ATTACK = re.compile(r"\{[^}]*[.\[](?:__|(?:" + "|".join(sorted(INTERNAL_ATTRIBUTES)) + r")\b)")

_OTHER_CONTEXT = "use `with localcontext() as context:`, which leaves no state behind"
REFUSED_LIBRARY = {
    "typing.get_type_hints": "it evaluates strings",
    "typing.ForwardRef": "it evaluates strings",
    "dataclasses.make_dataclass": "write a class with @dataclass",
    "string.Formatter": "use an f-string",
    "enum.global_enum": "it changes the module's globals",
    "decimal.getcontext": _OTHER_CONTEXT,
    "decimal.setcontext": _OTHER_CONTEXT,
    "decimal.DefaultContext": _OTHER_CONTEXT,
    "decimal.BasicContext": _OTHER_CONTEXT,
    "decimal.ExtendedContext": _OTHER_CONTEXT,
    "statistics.kde_random": "draw with `rng`",
}
DIRECT_CALLS_ONLY = frozenset({"operator.attrgetter", "operator.methodcaller"})
CACHES = frozenset({"functools.lru_cache", "functools.cache"})

# networkx: its files and pictures, and the modules that its modules happen to hold.
NETWORKX_REFUSED_PARTS = words(
    """readwrite drawing open_file config configs backends nx_agraph nx_latex nx_pydot nx_pylab lazy_imports
    tests conftest"""
)
NETWORKX_REFUSED_PREFIXES = ("read_", "write_", "draw")
FOREIGN_MODULES = sys.stdlib_module_names | words("it np numpy sp scipy pd htmlentitydefs")

# networkx functions that draw random numbers, with the position of `seed` (99: by keyword only). Taken from
# the signatures of networkx 3.6; an unknown name with "random" in it must be given `seed` by keyword.
NETWORKX_SEEDED = {
    name: int(position)
    for position, names in {
        "0": "create_py_random_state create_random_state PythonRandomInterface",
        "1": """expected_degree_graph joint_degree_graph random_cograph random_degree_sequence_graph
        random_internet_as_graph random_shell_graph random_tournament randomized_partitioning
        weighted_choice""",
        "2": """asadpour_atsp asyn_lpa_communities barabasi_albert_graph binomial_graph
        configuration_model dense_gnm_random_graph duplication_divergence_graph erdos_renyi_graph
        fast_gnp_random_graph gnc_graph gnm_random_graph gnp_random_graph maximal_independent_set
        one_exchange powerlaw_sequence random_clustered_graph random_powerlaw_tree
        random_powerlaw_tree_sequence random_regular_graph random_weighted_sample
        strategy_random_sequential zipf_rv""",
        "3": """asyn_fluidc connected_double_edge_swap directed_configuration_model
        directed_joint_degree_graph discrete_sequence double_edge_swap general_random_intersection_graph
        gn_graph gnmk_random_graph gnr_graph k_random_intersection_graph newman_watts_strogatz_graph
        omega powerlaw_cluster_graph preferential_attachment_graph random_graph random_kernel_graph
        random_layout random_lobster random_lobster_graph random_partition_graph random_reference
        relaxed_caveman_graph rich_club_coefficient sigma spanner spectral_graph_forge
        stochastic_block_model uniform_random_intersection_graph watts_strogatz_graph""",
        "4": """connected_watts_strogatz_graph dual_barabasi_albert_graph extended_barabasi_albert_graph
        kernighan_lin_bisection lattice_reference leiden_communities louvain_partitions
        partial_duplication_graph planted_partition_graph random_k_out_graph""",
        "5": "generate_random_paths louvain_communities navigable_small_world_graph random_geometric_graph",
        "6": "gaussian_random_partition_graph scale_free_graph soft_random_geometric_graph waxman_graph",
        "7": """approximate_current_flow_betweenness_centrality geographical_threshold_graph
        thresholded_random_geometric_graph""",
        "8": "panther_similarity",
        "9": "simulated_annealing_tsp threshold_accepting_tsp",
        "10": "fruchterman_reingold_layout spring_layout",
        "11": "LFR_benchmark_graph",
        "99": """arf_layout directed_edge_swap fast_label_propagation_communities forceatlas2_layout
        geometric_soft_configuration_graph leiden_partitions maybe_regular_expander
        maybe_regular_expander_graph panther_vector_similarity random_labeled_rooted_forest
        random_labeled_rooted_tree random_labeled_tree random_regular_expander_graph
        random_spanning_tree random_unlabeled_rooted_forest random_unlabeled_rooted_tree
        random_unlabeled_tree""",
    }.items()
    for name in names.split()
}
NETWORKX_SEEDED_APPROXIMATION = {"diameter": 1, "average_clustering": 2}
NETWORKX_SEEDED_WITH_K = {"betweenness_centrality": 5, "edge_betweenness_centrality": 4}  # k is argument 1
NETWORKX_NOT_DRAWING = words(
    "non_randomness random_graphs random_clustered random_sequence py_random_state np_random_state"
)

MUTATORS = words(
    """append appendleft add update pop popleft popitem setdefault extend extendleft insert remove
    discard clear sort reverse rotate subtract move_to_end difference_update intersection_update
    symmetric_difference_update __init__"""
)
# Functions that change their first argument in place.
IN_PLACE = words(
    """heapq.heapify heapq.heappush heapq.heappop heapq.heapreplace heapq.heappushpop bisect.insort
    bisect.insort_left bisect.insort_right operator.setitem operator.delitem operator.iadd
    operator.iconcat operator.ior operator.iand operator.isub operator.ixor operator.imul
    builtins.setattr builtins.delattr"""
)
MUTABLE_CONSTRUCTORS = words(
    """builtins.list builtins.dict builtins.set builtins.bytearray collections.deque collections.Counter
    collections.defaultdict collections.OrderedDict collections.ChainMap"""
)

# Calls that a module-level constant may be built with.
_HARMLESS_BUILTINS = words(
    """tuple frozenset range dict list set sorted len min max sum zip enumerate map filter reversed str
    int float bool complex bytes bytearray abs round divmod pow ord chr any all slice object repr bin
    hex oct format getattr"""
)
HARMLESS_CALLS = {"builtins." + name for name in _HARMLESS_BUILTINS} | words(
    """re.compile re.escape re.split re.findall fractions.Fraction decimal.Decimal collections.Counter
    collections.deque collections.OrderedDict collections.namedtuple collections.ChainMap
    string.capwords typing.TypeVar typing.ParamSpec typing.TypeVarTuple typing.NewType typing.NamedTuple
    typing.TypedDict typing.cast enum.Enum enum.IntEnum enum.StrEnum enum.Flag enum.IntFlag
    functools.partial functools.reduce functools.cmp_to_key copy.copy copy.deepcopy json.dumps
    json.loads"""
)
HARMLESS_MODULES = frozenset({"math", "itertools", "operator", "textwrap", "statistics"})
HARMLESS_IN_CLASS = words(
    """dataclasses.field enum.auto enum.member enum.nonmember builtins.property builtins.staticmethod
    builtins.classmethod functools.cached_property functools.partialmethod"""
)
PURE_METHODS = words(
    """split rsplit splitlines join upper lower title capitalize casefold swapcase strip lstrip rstrip
    replace format format_map translate maketrans zfill center ljust rjust expandtabs removeprefix
    removesuffix encode decode partition rpartition startswith endswith index find rindex rfind count
    isalpha isdigit isupper islower items keys values get copy fromkeys union intersection difference
    symmetric_difference issubset issuperset isdisjoint quantize limit_denominator bit_length bit_count
    from_bytes to_bytes fromhex as_integer_ratio most_common total match search fullmatch findall"""
)
ITERATOR_MAKERS = words(
    "builtins.zip builtins.enumerate builtins.map builtins.filter builtins.reversed builtins.iter"
)
# Library functions that call the function they are given while the module is being loaded.
FUNCTION_CALLERS = words(
    """builtins.map builtins.filter builtins.sorted builtins.min builtins.max functools.reduce
    itertools.starmap itertools.accumulate itertools.takewhile itertools.dropwhile itertools.filterfalse
    itertools.groupby"""
)
ENUM_BASES = frozenset({"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"})
