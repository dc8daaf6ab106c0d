// What the emulated console's pages cannot do without a script: copy, keep a token unseen until it is asked for, and
// hold the keyboard in a popup. Without it every one of them works as it stands.
"use strict";

function say(from, text) {
  const place = from.closest("dialog, section")?.querySelector("[data-says]");
  if (place) place.textContent = text;
}

async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // Some browsers give no way to the clipboard: then it is selected, to be copied by hand.
    field.select();
    return false;
  }
}

for (const button of document.querySelectorAll("[data-copies]")) {
  const field = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    const isCopied = await copy(field);
    say(button, isCopied ? `Copied: ${field.labels[0].textContent}.` : "It is selected: copy it with your keyboard.");
  });
}

for (const button of document.querySelectorAll("[data-reveals]")) {
  const field = document.getElementById(button.dataset.reveals);
  button.hidden = false;
  field.type = "password";
  button.addEventListener("click", () => {
    const isHidden = field.type === "password";
    field.type = isHidden ? "text" : "password";
    button.textContent = isHidden ? "Hide token" : "Show token";
  });
}

for (const dialog of document.querySelectorAll("dialog[data-modal]")) {
  dialog.removeAttribute("open");
  dialog.showModal();
  // Escape is Close: a page that was answered to a form is not one to stay on.
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    dialog.querySelector("form").requestSubmit();
  });
}
