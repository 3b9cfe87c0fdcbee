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
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  if (form.matches("[data-upload]")) { event.preventDefault(); send(form); }
});
addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));

function turnInto(text) { // shows the page that came as an answer, in place of this one
  const next = new DOMParser().parseFromString(text, "text/html"), main = next.getElementById("main");
  document.title = next.title;
  byId("main").replaceWith(main);
  (main.querySelector(".wrong") || main).focus();
}

function send(form) { // an upload that tells how far it is; without this file the browser sends the form itself
  const request = new XMLHttpRequest(), told = form.querySelector("[data-sending]"), button = form.querySelector("button");
  const say = (words) => { const line = told.querySelector("[role=status]"); if (line.textContent !== words) line.textContent = words; };
  const again = (words) => { say(words); button.disabled = false; delete form.dataset.sent; };
  request.upload.addEventListener("progress", (event) => {
    const share = Math.floor(100 * event.loaded / event.total);
    told.querySelector("progress").value = share;
    say(share < 100 ? `${share - share % 10}% sent` : "All is sent. The workbench looks through it.");
  });
  request.addEventListener("load", () => {
    if (request.status === 200) location.href = request.responseURL; else turnInto(request.responseText);
  });
  request.addEventListener("error", () => again("It broke off before all was sent: nothing was kept. Check the size and the connection, and send it again."));
  request.addEventListener("abort", () => again("Stopped: nothing was kept."));
  told.querySelector("button").addEventListener("click", () => request.abort());
  told.hidden = false;
  button.disabled = true;
  say("0% sent");
  request.open("POST", form.action);
  request.send(new FormData(form));
}

async function follow() { // a review under way; without this file the page loads itself anew
  const shown = document.querySelector("[data-refresh]");
  if (!shown) return;
  try {
    const text = await (await fetch(location.href)).text(), next = new DOMParser().parseFromString(text, "text/html");
    const fresh = next.querySelector("[data-refresh]");
    if (fresh) shown.replaceChildren(...fresh.childNodes); else turnInto(text);
  } catch { /* the workbench is away for a moment */ }
  setTimeout(follow, 2000);
}
follow();

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
const side = document.querySelector(".side"), now = document.querySelector(".side .now");
if (now) side.scrollTop += now.getBoundingClientRect().top - side.getBoundingClientRect().top - side.clientHeight / 2; // never the window: the decision stays in sight
