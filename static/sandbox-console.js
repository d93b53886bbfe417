// Like the real console, this one names its pages after the `#`, which only a script can read.
const handOver = document.body.dataset.handOver;
if (handOver) location.replace(handOver + "?url=" + encodeURIComponent(location.href));

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.textContent = "Copied";
});
