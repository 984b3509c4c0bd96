// Runs before the first paint, so that a chosen theme never flashes. A classic script: it imports and exports nothing.
{
  const chosen = localStorage.getItem("capstan-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset["theme"] = chosen;
}
