"""How the server's pages look: the house's colours, letters, charts and filters, and what is their own."""

from __future__ import annotations

from envforge.audit.style import STYLE as AUDIT
from envforge.charts import STYLE as CHARTS
from envforge.gallery.style import STYLE as FILTERS
from envforge.report.page import STYLE as SHARED

_OWN = """
main{max-width:1280px;padding-top:22px}
a{color:var(--focus);text-decoration-thickness:1px;text-underline-offset:2px}
a:focus-visible,button:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
.bar{background:var(--card);border-bottom:1px solid var(--rule)}
.bar nav{max-width:1280px;margin:0 auto;padding:0 20px;display:flex;flex-wrap:wrap;align-items:center;gap:0 4px}
.bar a{display:block;padding:12px 10px;color:var(--dim);text-decoration:none;border-bottom:2px solid transparent;
  font-size:14.5px}
.bar a:hover{color:var(--text)}
.bar a[aria-current]{color:var(--text);border-color:var(--focus);font-weight:600}
.bar .home{font-weight:650;color:var(--text);margin-right:10px}
.cards a{color:inherit;text-decoration:none}
.cards a:hover{text-decoration:underline}
.filters{position:static}
.filters button{font:inherit;font-size:14px;color:var(--text);background:var(--card);border:1px solid var(--edges);
  border-radius:8px;padding:7px 14px;cursor:pointer}
td .title{font-weight:550;color:var(--text)}
td code,dd code{overflow-wrap:anywhere}
.status{display:inline-block;font-size:12px;line-height:1.5;border-radius:999px;padding:1px 9px;white-space:nowrap;
  color:var(--tone,var(--dim));border:1px solid currentColor}
.t-admitted,.t-active,.t-finished,.t-passed{--tone:#1e7a4a}
.t-validated,.t-running{--tone:#0067a6}
.t-retired,.t-rotated,.t-duplicate,.t-none{--tone:#5b6472}
.t-quarantined,.t-parked,.t-interrupted{--tone:#8a6100}
.t-rejected,.t-failed{--tone:#b3261e}
@media (prefers-color-scheme:dark){
  .t-admitted,.t-active,.t-finished,.t-passed{--tone:#6fd3a0}
  .t-validated,.t-running{--tone:#58aeea}
  .t-retired,.t-rotated,.t-duplicate,.t-none{--tone:#9aa4b2}
  .t-quarantined,.t-parked,.t-interrupted{--tone:#e6bd5a}
  .t-rejected,.t-failed{--tone:#ff8a80}
}
.tags{display:flex;flex-wrap:wrap;gap:6px;margin:0;padding:0;list-style:none}
.tags a{display:inline-block;font-size:13px;color:var(--text);background:var(--card);text-decoration:none;
  border:1px solid var(--rule);border-radius:999px;padding:2px 10px}
.tags a:hover{border-color:var(--edges)}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:4px 18px;margin:0;background:var(--card);
  border:1px solid var(--rule);border-radius:8px;padding:13px 16px;font-size:14px}
.facts dt{color:var(--dim)}
.facts dd{margin:0;overflow-wrap:anywhere}
.kin{margin:0 0 4px}
.pages{display:flex;gap:14px;align-items:center;justify-content:center;margin:14px 0 0;color:var(--dim)}
.source{margin:0;padding:12px 0;background:var(--card);border:1px solid var(--rule);border-radius:8px;
  font:12.5px/1.6 ui-monospace,'DejaVu Sans Mono',monospace;list-style:none;counter-reset:line;overflow-x:auto}
.source li{counter-increment:line;white-space:pre;padding-right:16px;width:max-content;min-width:100%}
.source li::before{content:counter(line);display:inline-block;width:52px;padding-right:16px;margin-right:0;
  text-align:right;color:var(--dim);opacity:.7;user-select:none}
.source li:target{background:var(--warn)}
.source .key{color:#8a2a8f}
.source .str{color:#1e7a4a}
.source .com{color:var(--dim);font-style:italic}
.source .num{color:#0067a6}
@media (prefers-color-scheme:dark){
  .source .key{color:#db93c6}
  .source .str{color:#6fd3a0}
  .source .num{color:#58aeea}
}
td details{margin:4px 0 0}
td details:first-child{margin:-4px 0 0}
td details pre,.reply{margin:4px 0 0;font:12px/1.5 ui-monospace,'DejaVu Sans Mono',monospace;
  white-space:pre-wrap;overflow-wrap:anywhere;background:var(--back);border-radius:6px;padding:8px 10px;
  max-height:24em;overflow-y:auto}
.strip{grid-template-columns:repeat(3,minmax(0,1fr))}
.ask{display:inline-block;font-size:14px;color:var(--text);background:var(--card);border:1px solid var(--edges);
  border-radius:8px;padding:7px 14px;text-decoration:none}
.curve{display:block}
.curve polyline{fill:none;stroke:var(--focus);stroke-width:1.5;stroke-linejoin:round}
.drawing{overflow:auto;border:1px solid var(--rule);border-radius:8px;background:#fff}
.drawing svg{display:block}
.drawing a:focus-visible rect{stroke-width:3}
@media (prefers-color-scheme:dark){.drawing{background:#171b22}.drawing svg{filter:invert(.9) hue-rotate(180deg)}}
.charts{margin-bottom:12px}
.notes{margin-bottom:18px}
@media (min-width:900px){.drawing svg{max-width:100%;height:auto}}
@media (max-width:560px){
  main{padding-top:14px}
  .bar nav{padding:0 6px;flex-wrap:nowrap;overflow-x:auto}
  .bar .home{margin-right:2px}
  .facts{grid-template-columns:minmax(0,1fr);gap:0}
  .facts dd{margin:0 0 6px}
  .strip{grid-template-columns:repeat(3,84%)}
  th,td{padding:6px 9px}
  .wide table{min-width:860px}
}
"""

STYLE = f"{SHARED}{CHARTS}{FILTERS}{AUDIT}{_OWN}"
