/* A plan that is pointed at is shown in every picture and in the table. */
function show(plan) {
  for (const one of document.querySelectorAll("[data-plan]")) {
    one.classList.toggle("chosen", one.dataset.plan === plan);
  }
}

for (const one of document.querySelectorAll("[data-plan]")) {
  for (const event of ["mouseenter", "focusin"]) one.addEventListener(event, () => show(one.dataset.plan));
}
