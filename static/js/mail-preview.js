// Shows the mail in its frame as soon as the page is there; without scripts a button does.
document.querySelector("[data-mail-preview]")?.requestSubmit();
