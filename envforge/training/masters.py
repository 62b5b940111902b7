"""AdamW for weights in bfloat16: what is learned is kept in float32 beside them.

A bfloat16 number has 8 significant bits: a step of less than about 1/500 of itself does not move it at all. Updates
at the learning rates of this field are often smaller, so an optimiser that adds them to such weights loses them. Here
they are added to float32 copies, the masters, and the weights are the masters rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch.optim.adamw import adamw  # the namespace torch.optim hides this module's name

_ROUNDED = (torch.bfloat16, torch.float16)
_KEPT = ("exp_avg", "exp_avg_sq", "master")  # of the state, in float32 whatever the weights are
_AT_ONCE = 2**26  # weights whose gradients are copied to float32 at a time: 256 MB


def make_optimizer(
    parameters: Iterable[Any], lr: float, weight_decay: float = 0.0, *, masters: bool = True
) -> torch.optim.AdamW:
    """AdamW over `parameters` (tensors, or groups as torch takes them), with masters unless told otherwise.

    `weight_decay` is of all of them: neither norms nor biases are exempt, as in DAPO's code.
    """
    kind = MasterAdamW if masters else torch.optim.AdamW
    return kind(parameters, lr=lr, weight_decay=weight_decay)


class MasterAdamW(torch.optim.AdamW):  # type: ignore[misc, unused-ignore]
    """torch.optim.AdamW, bit for bit, on float32 parameters; with masters on bfloat16 and float16 ones.

    The master of a parameter is made from it at its first step and is part of its state, so `state_dict` has all that
    a resumed run needs. From then on the master decides: what anybody else writes into the parameter is overwritten
    by the next step. State per bfloat16 weight: 12 bytes beside its own 2.

    Not covered: amsgrad, maximize, gradients through the optimiser, and gradients scaled by a GradScaler.
    """

    @torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step; parameters without a gradient stay as they are. Returns what `closure` returns."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for part in _parts([p for p in group["params"] if p.grad is not None]):
                self._step(group, part)
        return loss

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a state, float32 as it is: torch would round it to the type of the weights."""
        super().load_state_dict(state_dict)
        numbers = [number for group in state_dict["param_groups"] for number in group["params"]]
        parameters = [parameter for group in self.param_groups for parameter in group["params"]]
        for number, parameter in zip(numbers, parameters, strict=True):
            saved = state_dict["state"].get(number)
            if parameter.dtype in _ROUNDED and saved:
                for name in _KEPT:
                    if name in saved:
                        self.state[parameter][name] = saved[name].to(
                            device=parameter.device, dtype=torch.float32, copy=True
                        )

    def _step(self, group: dict[str, Any], parameters: list[Any]) -> None:
        states = [self._state(parameter) for parameter in parameters]
        targets = [state.get("master", parameter) for parameter, state in zip(parameters, states)]
        beta1, beta2 = group["betas"]
        adamw(
            targets,
            [parameter.grad.to(target.dtype) for parameter, target in zip(parameters, targets)],
            [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states],
            [],
            [state["step"] for state in states],
            foreach=group["foreach"],
            amsgrad=False,
            beta1=beta1,
            beta2=beta2,
            lr=group["lr"],
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            maximize=False,
        )
        for parameter, target in zip(parameters, targets):
            if target is not parameter:
                parameter.copy_(target)

    def _state(self, parameter: Any) -> dict[str, Any]:
        """What is known of a parameter, as torch's AdamW lays it out, with its master."""
        state: dict[str, Any] = self.state[parameter]
        if parameter.dtype in _ROUNDED and "master" not in state:
            state["master"] = parameter.detach().to(torch.float32, copy=True)
        if "step" not in state:
            like = state.get("master", parameter)
            state["step"] = torch.tensor(0.0, dtype=torch.float32)
            state["exp_avg"] = torch.zeros_like(like, memory_format=torch.preserve_format)
            state["exp_avg_sq"] = torch.zeros_like(like, memory_format=torch.preserve_format)
        return state


def _parts(parameters: list[Any]) -> Iterator[list[Any]]:
    """`parameters` in order, in lists of not more than _AT_ONCE weights, or of one parameter."""
    part: list[Any] = []
    size = 0
    for parameter in parameters:
        if part and size + parameter.numel() > _AT_ONCE:
            yield part
            part, size = [], 0
        part.append(parameter)
        size += parameter.numel()
    if part:
        yield part
