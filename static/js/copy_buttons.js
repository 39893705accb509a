// Copy buttons appear only where the clipboard can be written.
const announce = (text) => {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
};
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText(source.textContent.trim());
  const use = button.querySelector("use");
  const before = use.getAttribute("href");
  use.setAttribute("href", before.replace(/#.*/, "#check"));
  announce(button.dataset.copiedLabel);
  setTimeout(() => use.setAttribute("href", before), 1500);
});
