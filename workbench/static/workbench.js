// Conveniences only: every page does all its work without this file.
"use strict";
const byId = (id) => document.getElementById(id);
const keysOn = () => localStorage.getItem("keys") !== "off"; // WCAG 2.1.4: single keys can be switched off

function reach(field) {
  for (let up = field.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
  field.focus();
}

function press(key) {
  if (key === "?") {
    const help = byId("keys");
    if (help) { help.open ? help.close() : help.showModal(); } else { location.href = "/help"; }
    return true;
  }
  if (key === "a" && byId("accept")) { byId("accept").click(); return true; }
  if (key === "n" || key === "p") {
    const link = document.querySelector(key === "n" ? "a[rel=next]" : "a[rel=prev]");
    if (link) link.click();
    return Boolean(link);
  }
  if (key === "/" && byId("words")) { reach(byId("words")); return true; }
  const grade = byId("grade-" + key);
  if (grade && byId("reason")) { grade.checked = true; reach(byId("reason")); return true; }
  return false;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && event.target.matches("textarea")) { event.target.form.requestSubmit(); return; }
  const typing = event.target.closest("input:not([type=radio],[type=checkbox]), textarea, select, dialog");
  if (event.ctrlKey || event.metaKey || event.altKey || typing || !keysOn()) return;
  if (press(event.key)) event.preventDefault();
});

document.addEventListener("mouseup", (event) => {
  const quote = byId("quote"), chosen = String(getSelection()).trim();
  if (!quote || !chosen || !event.target.closest("[data-paper]")) return;
  quote.value = chosen;
  for (let up = quote.closest("details"); up; up = up.parentElement.closest("details")) up.open = true;
});

document.addEventListener("submit", (event) => { // a second press of the button sends nothing
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));

const choice = byId("keys-on");
if (choice) {
  choice.checked = keysOn();
  choice.closest("[hidden]").hidden = false;
  choice.addEventListener("change", () => localStorage.setItem("keys", choice.checked ? "on" : "off"));
}
const close = document.querySelector("dialog [data-close]");
if (close) close.addEventListener("click", () => close.closest("dialog").close());
const wrong = document.querySelector(".wrong");
if (wrong) wrong.focus();
const now = document.querySelector(".side .now");
if (now) now.scrollIntoView({ block: "center" });
if (document.querySelector("[data-refresh]")) setTimeout(() => location.reload(), 2000);
