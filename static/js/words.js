// The texts that scripts show, in the page's language; the layout writes them into one template element.
const holder = document.getElementById("portal-words");
const words = holder ? JSON.parse(holder.dataset.words) : {};

/** The text of a key with its {placeholders} filled. */
export function say(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_all, name) => String(values[name] ?? ""));
}

/** The text for a count: key_one or key_many. */
export function sayCount(key, count, values = {}) {
  return say(count === 1 ? `${key}_one` : `${key}_many`, { count, ...values });
}
