// Shared by all pages: the token of forms for htmx, and messages that can be put away.
(function () {
  "use strict";
  document.addEventListener("htmx:configRequest", function (event) {
    var token = document.querySelector('meta[name="csrf"]');
    if (token && event.detail.verb !== "get") {
      event.detail.headers["X-CSRF-Token"] = token.content;
    }
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.successful && event.detail.requestConfig.verb !== "get") {
      document.getElementById("messages").textContent = "";
    }
  });
  // data-submit: a control that sends its form when it changes
  document.addEventListener("change", function (event) {
    var control = event.target;
    if (control.matches && control.matches("[data-submit]") && control.form) {
      control.form.requestSubmit();
    }
  });
  // data-ask: a button that asks before its form is sent
  document.addEventListener("submit", function (event) {
    var button = event.submitter;
    if (button && button.dataset.ask && !window.confirm(button.dataset.ask)) {
      event.preventDefault();
    }
  });
})();
