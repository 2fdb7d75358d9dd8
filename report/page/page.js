// What the page does beyond being read: filters, search, sorting, and the switch of language. All that it shows is in the HTML already.
(() => {
  "use strict";

  const {texts, shown: shownText, entries} = JSON.parse(document.getElementById("data").textContent);
  const languages = ["vi", "en"];
  let language = languages.indexOf(document.documentElement.lang);

  const form = document.querySelector("form.filters");
  const counter = document.getElementById("shown");
  const nobody = document.querySelector(".nobody");
  const groups = Array.from(document.querySelectorAll("tbody.agency"));
  const listings = Array.from(document.querySelectorAll(".listing"), (box) => ({box, bodies: Array.from(box.querySelectorAll("tbody.agency"))}));

  // fold leaves of a name what somebody types who has no Vietnamese keyboard.
  const fold = (name) => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/đ/g, "d");

  const rows = entries.map((entry, i) => ({entry, body: groups[i], words: fold(entry.q.join("\n")), hidden: false}));
  const rowOf = new Map(rows.map((row) => [row.body, row]));

  function matches({entry, words}, wanted) {
    return wanted.words.every((word) => words.includes(word)) &&
      (wanted.plan === "" || entry.p === Number(wanted.plan)) &&
      (wanted.cohort === "" || entry.c === wanted.cohort) &&
      (wanted.state === "" || entry.s.includes(wanted.state));
  }

  function filter() {
    const {search, plan, cohort, state} = form.elements;
    const wanted = {words: fold(search.value).split(/\s+/).filter(Boolean), plan: plan.value, cohort: cohort.value, state: state.value};
    let count = 0;
    for (const row of rows) {
      const hidden = !matches(row, wanted);
      if (hidden !== row.hidden) {
        row.hidden = row.body.hidden = hidden;
      }
      count += hidden ? 0 : 1;
    }
    for (const {box, bodies} of listings) {
      box.hidden = bodies.every((body) => body.hidden);
    }
    nobody.hidden = count > 0;
    tell(count);
  }

  function tell(count) {
    counter.textContent = texts[shownText][language].replace("{n}", count).replace("{all}", rows.length);
    counter.dataset.count = count;
  }

  // compare puts what has no day last, whichever way is sorted.
  function compare(a, b, column, direction, collator) {
    if (column === "agency") {
      return direction * collator.compare(a[column][language], b[column][language]);
    }
    if (a[column] === "" || b[column] === "") {
      return (a[column] === "") - (b[column] === "");
    }
    return direction * (typeof a[column] === "number" ? a[column] - b[column] : collator.compare(a[column], b[column]));
  }

  function sort(header) {
    const table = header.closest("table");
    const direction = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const collator = new Intl.Collator(languages[language], {numeric: true});
    const bodies = Array.from(table.tBodies).map((body) => rowOf.get(body));
    bodies.sort((a, b) => compare(a.entry.k, b.entry.k, header.dataset.sort, direction, collator));
    table.append(...bodies.map((row) => row.body));
    for (const other of table.querySelectorAll("th[aria-sort]")) {
      other.removeAttribute("aria-sort");
    }
    header.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
  }

  function makeSortable(header) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sort(header));
    header.append(button);
  }

  function speak(chosen) {
    language = languages.indexOf(chosen);
    document.documentElement.lang = chosen;
    for (const element of document.querySelectorAll("[data-t]")) {
      element.textContent = texts[element.dataset.t][language];
    }
    tell(Number(counter.dataset.count));
  }

  // Typing is answered at the next frame, so that letters never wait for the table.
  let pending = false;
  function soon() {
    if (!pending) {
      pending = true;
      requestAnimationFrame(() => {
        pending = false;
        filter();
      });
    }
  }

  document.querySelectorAll("th[data-sort]").forEach(makeSortable);
  document.querySelectorAll("input[name=language]").forEach((input) => {
    input.addEventListener("change", () => speak(input.value));
  });
  form.addEventListener("input", soon);
  form.addEventListener("reset", soon);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.querySelectorAll(".scripted").forEach((element) => {
    element.hidden = false;
  });
  filter();
})();
