"use strict";
const VERDICTS = ["right", "partly", "wrong", "unsure"];
const pairs = [...document.querySelectorAll("article")];
const judge = document.getElementById("judge");
const sheet = document.body.dataset.sheet;
let current = 0;
let shownJudge = ""; // of the judge whose verdicts are shown
let keeps = true;

// A page that was opened from a file may not be allowed to keep anything.
function remember(key, value) {
  try {
    localStorage.setItem(sheet + " " + key, value);
  } catch {
    keeps = false;
    document.getElementById("unkept").hidden = false;
  }
}

function recall(key) {
  try {
    return localStorage.getItem(sheet + " " + key) || "";
  } catch {
    return "";
  }
}

function keptVerdicts(of) {
  try {
    return Object(JSON.parse(recall("verdicts of " + of)));
  } catch {
    return {}; // nothing, or what another program wrote there
  }
}

function keepVerdicts(of, verdicts) {
  remember("verdicts of " + of, JSON.stringify(verdicts));
}

function nameOf(pair) {
  return pair.dataset.row.split("\t")[0];
}

function show(pair, verdict) {
  if (verdict) pair.dataset.verdict = verdict;
  else delete pair.dataset.verdict;
  for (const button of pair.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", button.value === verdict);
  }
}

function count() {
  const done = pairs.filter((pair) => pair.dataset.verdict).length;
  document.getElementById("progress").value = done;
  document.getElementById("done").value = done + " of " + pairs.length;
}

function mark(at) {
  pairs[current].removeAttribute("aria-current");
  current = Math.min(Math.max(at, 0), pairs.length - 1);
  pairs[current].setAttribute("aria-current", "true");
}

// Where the focus goes, a screen reader reads on, and Tab leads to the buttons.
function move(to) {
  mark(to);
  pairs[current].focus({ preventScroll: true });
  pairs[current].scrollIntoView({ block: "nearest" });
}

function moveToOpen() {
  const after = pairs.findIndex((pair, at) => at > current && !pair.dataset.verdict);
  const open = after >= 0 ? after : pairs.findIndex((pair) => !pair.dataset.verdict);
  if (open >= 0) move(open);
}

function decide(verdict) {
  show(pairs[current], verdict);
  const verdicts = keptVerdicts(shownJudge); // again: the page may be open twice
  if (verdict) verdicts[nameOf(pairs[current])] = verdict;
  else delete verdicts[nameOf(pairs[current])];
  keepVerdicts(shownJudge, verdicts);
  count();
  if (verdict) moveToOpen();
}

function restore() {
  const kept = keptVerdicts(shownJudge);
  for (const pair of pairs) {
    const verdict = kept[nameOf(pair)];
    show(pair, VERDICTS.includes(verdict) ? verdict : "");
  }
  count();
  const open = pairs.findIndex((pair) => !pair.dataset.verdict);
  mark(Math.max(open, 0));
  // Who begins is to read what the verdicts mean.
  if (open > 0) pairs[current].scrollIntoView({ block: "nearest" });
}

function rename() {
  const before = shownJudge;
  shownJudge = judge.value.trim();
  remember("judge", shownJudge);
  if (!keeps || shownJudge === before) return; // what stands in the page is all there is
  if (!before) {
    // Who gives a name only now keeps what was judged without one.
    keepVerdicts(shownJudge, { ...keptVerdicts(shownJudge), ...keptVerdicts("") });
    keepVerdicts("", {});
  }
  restore();
}

function save() {
  const rows = pairs.map((pair) => pair.dataset.row + "\t" + (pair.dataset.verdict || ""));
  const text = [document.body.dataset.header, ...rows].join("\n") + "\n";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/tab-separated-values" }));
  const by = judge.value.trim().replace(/[^\p{L}\p{N}_-]+/gu, "-");
  link.download = "judged-" + sheet + (by ? "-" + by : "") + ".tsv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

pairs.forEach((pair, at) => {
  pair.addEventListener("click", () => move(at));
  for (const button of pair.querySelectorAll("button")) {
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      move(at);
      decide(button.value);
    });
  }
});

document.addEventListener("keydown", (event) => {
  if (event.target === judge || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key >= "1" && event.key <= "4") decide(VERDICTS[event.key - 1]);
  else if (event.key === "0") decide("");
  else if (event.key === "ArrowDown") move(current + 1);
  else if (event.key === "ArrowUp") move(current - 1);
  else return;
  event.preventDefault();
});

judge.addEventListener("change", rename);
document.getElementById("next").addEventListener("click", moveToOpen);
document.getElementById("save").addEventListener("click", save);
shownJudge = judge.value = recall("judge");
restore();
