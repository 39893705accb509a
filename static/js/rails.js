// A rail beside the page stays in view while one scrolls. One that is higher than the window stops where its end is in view,
// so that all of it can be read. Without this script it scrolls with the page.
const rails = document.querySelectorAll(".sticky");
const GAP = 16;
const place = (rail) => {
  const top = Math.min(parseFloat(getComputedStyle(document.documentElement).scrollPaddingBlockStart) || 0, innerHeight - rail.offsetHeight - GAP);
  rail.style.setProperty("--rail-start", `${top}px`);
};
const placeAll = () => rails.forEach(place);
const observer = new ResizeObserver(placeAll);
rails.forEach((rail) => observer.observe(rail));
addEventListener("resize", placeAll);
