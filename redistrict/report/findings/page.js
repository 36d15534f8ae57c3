/* A row of the table brings its place into view. */
for (const row of document.querySelectorAll("[data-view]")) {
  const look = () => {
    show(row.dataset.view.split(" ").map(Number));
    map.scrollIntoView({ block: "nearest" });
  };
  row.addEventListener("click", look);
  row.addEventListener("keydown", (event) => event.key === "Enter" && look());
}
