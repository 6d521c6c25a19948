// Everything on the page can be read without this script; it adds the copy buttons and opens details for print.
document.documentElement.classList.add("js");
function copied(button, done) {
  button.textContent = done ? "Copied" : "Press Ctrl+C";
  setTimeout(function () { button.textContent = "Copy"; }, 2000);
}
document.addEventListener("click", function (event) {
  var button = event.target.closest("button[data-copy]");
  if (!button) return;
  var pre = button.parentElement.querySelector("pre");
  var range = document.createRange();
  range.selectNodeContents(pre);
  var selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  if (navigator.clipboard && isSecureContext) {
    navigator.clipboard.writeText(pre.textContent).then(
      function () { copied(button, true); }, function () { copied(button, document.execCommand("copy")); });
  } else {
    copied(button, document.execCommand("copy"));
  }
});
var opened = [];
addEventListener("beforeprint", function () {
  opened = Array.from(document.querySelectorAll("details:not([open]):not(.cypher)"));
  opened.forEach(function (details) { details.open = true; });
});
addEventListener("afterprint", function () {
  opened.forEach(function (details) { details.open = false; });
});
