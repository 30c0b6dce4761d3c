for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0], rows = [...body.rows];
  const heads = [...table.querySelectorAll("th[data-column]")];
  const unit = { h: 3600, min: 60, s: 1 };
  const text = (row, column) => row.cells[column].textContent.trim();
  const number = (shown) => {
    const plain = shown.replaceAll("−", "-").replaceAll(",", "");
    const lasting = [...plain.matchAll(/([\d.]+) (h|min|s)(?![a-z])/g)];
    if (lasting.length) return lasting.reduce((sum, part) => sum + part[1] * unit[part[2]], 0);
    const share = plain.match(/^([\d.]+) of (\d+)/);
    if (share) return share[1] / share[2];
    const first = plain.match(/[-+]?\d+(\.\d+)?(e[-+]?\d+)?/);
    return first ? Number(first[0]) - (plain.startsWith("<") ? 1e-12 : 0) : NaN;
  };
  const sort = (head) => {
    const column = Number(head.dataset.column), now = head.getAttribute("aria-sort");
    const next = now === "ascending" ? "descending" : now === "descending" ? null : "ascending";
    const sign = next === "descending" ? -1 : 1;
    const key = (row) => head.classList.contains("number") ? number(text(row, column)) : text(row, column);
    const missing = (value) => value === "–" || value === "" || Number.isNaN(value);
    const compare = (a, b) => typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
    const order = (a, b) => {
      const x = key(a), y = key(b);
      return missing(x) || missing(y) ? missing(x) - missing(y) : sign * compare(x, y);
    };
    for (const other of heads) other.removeAttribute("aria-sort");
    if (next) head.setAttribute("aria-sort", next);
    body.append(...(next ? [...rows].sort(order) : rows));
  };
  for (const head of heads) {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    button.title = "Sort by " + (head.title || button.textContent);
    button.addEventListener("click", () => sort(head));
    head.append(button);
  }
}
