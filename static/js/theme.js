// Runs before the first paint, so that a stored choice never flashes the other theme.
const stored = localStorage.getItem("theme");
if (stored) document.documentElement.dataset.theme = stored;
