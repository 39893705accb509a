// Theme choice, current link of a narrow navigation, menus that close on Escape and outside clicks, quick dates.
const root = document.documentElement;
const OPEN_MENUS = "details.menu[open], details.save-search[open]";
const showTheme = () => {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String((root.dataset.theme ?? "") === button.dataset.themeChoice));
  }
};
showTheme();
for (const link of document.querySelectorAll(".site-nav [aria-current], .site-tabs [aria-current]")) {
  const strip = link.parentElement;
  const [place, frame] = [link.getBoundingClientRect(), strip.getBoundingClientRect()];
  if (place.left < frame.left || place.right > frame.right) strip.scrollLeft += place.left - frame.left - (frame.width - place.width) / 2;
}
for (const tools of document.querySelectorAll("[data-needs-script]")) tools.hidden = false;

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-choice]");
  if (choice) {
    const theme = choice.dataset.themeChoice;
    if (theme) {
      root.dataset.theme = theme;
      localStorage.setItem("theme", theme);
    } else {
      delete root.dataset.theme;
      localStorage.removeItem("theme");
    }
    showTheme();
  }
  const quick = event.target.closest("[data-set-field]");
  if (quick) {
    event.preventDefault();
    const field = document.getElementById(quick.dataset.setField);
    field.value = quick.value;
    quick.closest("details")?.removeAttribute("open");
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  }
  for (const menu of document.querySelectorAll(OPEN_MENUS)) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(OPEN_MENUS)) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
