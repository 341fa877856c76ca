// The browser side of announcer.py. A live region is heard if it is in the document before its words change, so it
// hangs on the body and stays there.

export default function announce({ data }) {
  document.documentElement.lang = data.language;
  let region = document.getElementById("announcements");
  if (!region) {
    region = document.createElement("div");
    region.id = "announcements";
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  if (region.textContent !== data.text) region.textContent = data.text;
}
