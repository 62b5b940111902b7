"""How audits look, on their page and in `envforge serve`, and what the page's one script does.

The filters look like the gallery's; colours and letters are those of the report's page.
"""

from __future__ import annotations

STYLE = """
:root{--error:#b3261e;--warning:#8a6100;--info:#0067a6}
@media (prefers-color-scheme:dark){:root{--error:#ff8a80;--warning:#e6bd5a;--info:#58aeea}}
.s-error{--hue:var(--error)}
.s-warning{--hue:var(--warning)}
.s-info{--hue:var(--info)}
.cards{grid-template-columns:repeat(auto-fit,minmax(190px,1fr))}
.card .below{overflow-wrap:anywhere}
.card .big.s-error,.card .big.s-warning{color:var(--hue)}
.card .big.good{color:var(--good)}
.tally{list-style:none;margin:0 0 8px;padding:14px 16px;background:var(--card);border:1px solid var(--rule);
  border-radius:8px;display:grid;grid-template-columns:max-content 1fr max-content;gap:2px 14px}
.tally li{display:contents}
.tally a{display:grid;grid-template-columns:subgrid;grid-column:1/-1;align-items:center;color:var(--text);
  text-decoration:none;border-radius:6px;padding:3px 6px;margin:0 -6px;font-size:13.5px}
.tally a:hover{background:var(--back)}
.tally a:focus-visible,.finding a:focus-visible,.copy:focus-visible{outline:2px solid var(--focus);
  outline-offset:2px}
.tally .code{justify-self:start}
.tally svg{display:block;width:100%;height:9px}
.tally rect{fill:var(--hue)}
.tally b{font-weight:600;font-variant-numeric:tabular-nums;text-align:right}
.finding{background:var(--card);border:1px solid var(--rule);border-left:4px solid var(--hue);border-radius:8px;
  padding:14px 18px 12px;margin:0 0 14px;scroll-margin-top:80px}
.finding[hidden]{display:none}
.finding header{display:flex;flex-wrap:wrap;gap:6px 10px;align-items:baseline;margin:0 0 8px}
.finding h3{font-size:15px;font-weight:650;margin:0;overflow-wrap:anywhere;min-width:0}
.finding h3 a{color:inherit}
.finding header .small{overflow-wrap:anywhere;min-width:0}
.code{display:inline-block;font:600 12px/1.6 ui-monospace,'DejaVu Sans Mono',monospace;color:var(--hue);
  background:color-mix(in srgb,var(--hue) 11%,transparent);
  border:1px solid color-mix(in srgb,var(--hue) 45%,transparent);border-radius:999px;
  padding:1px 10px;white-space:nowrap}
.says{margin:0 0 10px;overflow-wrap:anywhere}
.evidence{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:8px 16px;
  margin:0 0 10px}
.evidence div{min-width:0}
.evidence dt{font-size:12px;color:var(--dim);margin:0 0 2px}
.evidence dd{margin:0}
.evidence details{margin:0}
.evidence pre,.command code{font:12.5px/1.5 ui-monospace,'DejaVu Sans Mono',monospace;color:var(--text)}
.evidence pre{margin:0;background:var(--back);border-radius:6px;padding:6px 10px;white-space:pre-wrap;
  overflow-wrap:anywhere;max-height:22em;overflow-y:auto}
.evidence summary{font-size:12.5px}
.evidence .empty{color:var(--dim);font-style:italic}
.where{display:flex;flex-wrap:wrap;gap:2px 18px;margin:0 0 10px;font-size:13px;font-variant-numeric:tabular-nums}
.where div{display:flex;gap:6px}
.where dt{color:var(--dim)}
.where dd{margin:0;font-family:ui-monospace,'DejaVu Sans Mono',monospace;font-size:12.5px;overflow-wrap:anywhere}
.command{display:flex;gap:10px;align-items:flex-start;margin:0 0 10px}
.command code{flex:1;min-width:0;background:var(--back);border-radius:6px;padding:6px 10px;white-space:pre-wrap;
  overflow-wrap:anywhere}
.copy{font:inherit;font-size:12.5px;color:var(--text);background:var(--card);border:1px solid var(--edges);
  border-radius:6px;padding:5px 11px;cursor:pointer;white-space:nowrap}
.copy[hidden]{display:none}
.advice{margin:0;font-size:13.5px;color:var(--dim);border-top:1px solid var(--rule);padding:9px 0 0;
  overflow-wrap:anywhere}
.advice b{color:var(--text);font-weight:600}
.names{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:6px}
.names li{background:var(--card);border:1px solid var(--rule);border-radius:6px;padding:2px 9px;font-size:13px;
  overflow-wrap:anywhere;max-width:100%}
@media (max-width:560px){
  .cards{grid-template-columns:repeat(2,minmax(0,1fr))}
  .finding{padding:12px 12px 10px}
  .command{flex-wrap:wrap}
  .command code{flex-basis:100%}
  .tally{padding:10px 12px}
  .tally a{font-size:12.5px}
}
@media print{.finding{break-inside:avoid;border-color:#bbb}.copy,.tally svg{display:none}}
"""

# No "<" and no "&" in it, so that the page is well-formed XML too.
SCRIPT = """
"use strict";
(() => {
  const one = (name) => document.querySelector(name);
  const every = (name) => Array.from(document.querySelectorAll(name));
  every(".copy").forEach((button) => {
    const code = button.parentElement.querySelector("code");
    const said = (word) => {
      button.textContent = word;
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    };
    const select = () => {
      getSelection().selectAllChildren(code);
      said(document.execCommand("copy") ? "Copied" : "Selected");
    };
    button.addEventListener("click", () => {
      if (navigator.clipboard === undefined) { select(); return; }
      navigator.clipboard.writeText(code.textContent).then(() => said("Copied"), select);
    });
    button.hidden = false;
  });
  const bar = one("form.filters[hidden]"), none = one(".none"), count = one(".count");
  if (bar === null) return;
  const cards = every(".finding");
  const texts = cards.map((card) => card.textContent.toLowerCase());
  const fits = (wanted, held) => wanted === "" ? true : held === wanted;
  const chosen = (name) => { const found = one(name); return found === null ? "" : found.value; };
  const show = () => {
    const severity = chosen("input[name=severity]:checked");
    const code = chosen("#code"), group = chosen("#group");
    const words = one("#search").value.toLowerCase().split(/\\s+/).filter((word) => word !== "");
    let shown = 0;
    cards.forEach((card, place) => {
      const tests = [
        fits(severity, card.dataset.severity),
        fits(code, card.dataset.code),
        fits(group, card.dataset.group),
        words.every((word) => texts[place].includes(word)),
      ];
      card.hidden = tests.includes(false);
      shown += card.hidden ? 0 : 1;
    });
    const noun = cards.length === 1 ? " finding" : " findings";
    count.textContent = shown === cards.length ? shown + noun : shown + " of " + cards.length;
    none.hidden = shown !== 0;
  };
  const reset = () => { bar.reset(); show(); };
  bar.addEventListener("input", show);
  bar.addEventListener("submit", (event) => event.preventDefault());
  one(".none button").addEventListener("click", reset);
  every(".tally a").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    bar.reset();
    one("#code").value = link.dataset.code;
    show();
    bar.scrollIntoView();
  }));
  bar.hidden = false;
  show();
})();
"""
