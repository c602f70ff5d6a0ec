// Pages: what is nicer with a script; nothing here is needed.
"use strict";

const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = time.textContent;
  time.textContent = format.format(new Date(time.dateTime));
}

for (const holder of document.querySelectorAll("[data-secret]")) {
  const input = holder.querySelector("input");
  const button = document.createElement("button");
  const show = (isShown) => {
    input.type = isShown ? "text" : "password";
    button.textContent = isShown ? "Hide" : "Show";
    button.setAttribute("aria-label", isShown ? "Hide the password" : "Show the password");
  };
  button.type = "button";
  button.className = "ob-reveal";
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => show(input.type === "password"));
  // Browsers remember what was typed into a field of plain text.
  input.form.addEventListener("submit", () => show(false));
  holder.append(button);
  show(false);
}

for (const alert of document.querySelectorAll("[data-dismissible]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn-close";
  button.setAttribute("aria-label", "Dismiss");
  button.addEventListener("click", () => alert.remove());
  alert.append(button);
}

// Sent twice, a form would be refused the second time; one that brings a file leaves its page as it stands.
const allow = (form, isSendable) => {
  for (const button of form.querySelectorAll("button[type=submit]")) {
    button.disabled = !isSendable;
  }
};
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && !("stays" in event.target.dataset)) {
    allow(event.target, false);
  }
});
// Also when the browser goes back to a page as it was left.
addEventListener("pageshow", () => {
  for (const form of document.forms) {
    allow(form, true);
  }
});

const closeMenus = (keep) => {
  for (const menu of document.querySelectorAll("details[data-closes][open]")) {
    if (!menu.contains(keep)) {
      menu.open = false;
    }
  }
};
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details[data-closes][open]");
    closeMenus(null);
    menu?.querySelector("summary").focus();
  }
});
