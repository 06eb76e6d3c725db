// Opens how a result comes about under its line; without this the link leads to the page that says the same.

async function open(link, row) {
  const address = new URL(link.href);
  address.searchParams.set("part", "1");
  const answer = await fetch(address, { headers: { Accept: "text/html" }, redirect: "manual" });
  if (!answer.ok) {
    location.assign(link.href);
    return;
  }
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const shown = holder.content.querySelector("tr");
  const below = row.nextElementSibling?.classList.contains("line-notes") ? row.nextElementSibling : row;
  below.after(shown);
  link.setAttribute("aria-expanded", "true");
  shown.querySelector("[data-trace-close]").addEventListener("click", () => close(link, shown));
  shown.querySelector("[tabindex]").focus();
}

function close(link, shown) {
  shown.remove();
  link.setAttribute("aria-expanded", "false");
  link.focus();
}

function toggle(event) {
  const link = event.target.closest(".line-result a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const key = link.pathname.split("/").at(-2);
  const shown = document.getElementById(`trace-${key}`);
  if (shown) close(link, shown);
  else open(link, link.closest("tr"));
}

export function enliven(root) {
  for (const box of root.querySelectorAll("[data-lines]")) box.addEventListener("click", toggle);
}
