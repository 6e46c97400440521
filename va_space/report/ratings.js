{
  // Stars and words stay in this page, and in the browser where it allows that, until they are saved as a file.
  const known = JSON.parse(document.getElementById("rateable").textContent);
  const button = document.getElementById("save-ratings");
  const said = document.getElementById("ratings-said");
  const store = `va-space ratings ${location.pathname}`;
  let given = {};
  try { given = JSON.parse(localStorage.getItem(store)) ?? {}; } catch { /* not allowed here, or damaged */ }
  given = Object.fromEntries(Object.entries(given).filter(([key, value]) => key in known.items && value));

  function keep() {
    try { localStorage.setItem(store, JSON.stringify(given)); } catch { /* kept in the page alone */ }
    const count = Object.keys(given).length;
    button.disabled = count === 0;
    said.textContent = count === 1 ? "1 rating" : `${count} ratings`;
  }

  function rate(key, change) {
    const rating = {...given[key], ...change, at: new Date().toISOString()};
    if (rating.stars || rating.word) given[key] = rating;
    else delete given[key];
    keep();
  }

  for (const cell of document.querySelectorAll("[data-rate]")) {
    const key = cell.dataset.rate, select = cell.querySelector("select");
    for (const star of cell.querySelectorAll("input")) {
      star.checked = Number(star.value) === given[key]?.stars;
      star.addEventListener("change", () => rate(key, {stars: Number(star.value)}));
      star.addEventListener("click", () => { // a second click takes the stars back
        const again = cell.dataset.stars === star.value;
        cell.dataset.stars = again ? "" : star.value;
        if (!again) return;
        star.checked = false;
        rate(key, {stars: undefined});
      });
      if (star.checked) cell.dataset.stars = star.value;
    }
    select.value = given[key]?.word ?? "";
    select.addEventListener("change", () => rate(key, {word: select.value || undefined}));
  }

  button.addEventListener("click", () => {
    const ratings = Object.entries(given).map(([key, {stars, word, at}]) => ({
      item: known.items[key], query: known.queries[key.split("-")[0]],
      stars: stars ?? null, words: word ? [word] : [], at,
    }));
    const whole = {format: known.format, version: known.version, model: known.model, ratings};
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(whole)], {type: "application/json"}));
    link.download = "ratings.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  keep();
}
