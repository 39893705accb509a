// The command palette: Ctrl+K (Cmd+K) opens it, the arrow keys move through what it found, Enter opens.
const dialog = () => document.getElementById("palette");
const entries = () => [...dialog().querySelectorAll("a")];

function openPalette() {
  if (!dialog() || document.querySelector("dialog[open]")) return false;
  dialog().showModal();
  const box = document.getElementById("palette-q");
  box.select();
  box.dispatchEvent(new Event("palette"));
  return true;
}

function move(step) {
  const all = entries();
  const next = all.indexOf(document.activeElement) + step;
  if (next < 0) document.getElementById("palette-q").focus();
  else all[Math.min(next, all.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    if (openPalette()) event.preventDefault();
    return;
  }
  if (!dialog()?.open) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    move(step);
  }
  if (event.key === "Enter" && event.target.id === "palette-q") {
    event.preventDefault();
    entries()[0]?.click();
  }
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]") && openPalette()) event.preventDefault();
});
