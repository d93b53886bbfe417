// The stand-in console, like the real one, keeps its pages behind the `#`, which only a script can read.
const handOver = document.body.dataset.handOver;
if (handOver) location.replace(handOver + "?url=" + encodeURIComponent(location.href));

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.textContent = "Copied";
});
