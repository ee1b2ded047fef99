// What Streamlit's front end cannot be told from Python. Streamlit draws again and again, so all of it is watched for.
(() => {
  const cookie = (name) => document.cookie.split("; ").find((c) => c.startsWith(name + "="))?.split("=")[1];
  const keep = (name, value) => {
    document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
  };
  const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

  // Colours: our variables follow <html data-theme>, Streamlit's widgets its own stored choice.
  const wear = (theme) => {
    document.documentElement.dataset.theme = theme;
    document.documentElement.style.colorScheme = theme;
  };
  const named = (theme) => (theme === "dark" ? "Dark" : "Light");
  const first = cookie(deskCookies.theme) || system();
  wear(first);
  try {
    localStorage.setItem(`stActiveTheme-${location.pathname}-v2`, JSON.stringify(named(first)));
  } catch (_) { /* storage may be shut; then Streamlit follows the system */ }
  const change = (theme) => {
    if (document.documentElement.dataset.theme === theme) return;
    wear(theme);
    keep(deskCookies.theme, theme);
    postMessage({ stCommVersion: 1, type: "SET_CUSTOM_THEME_CONFIG", themeName: named(theme) }, location.origin);
  };

  // The page says in a hidden element which theme and language it was drawn for.
  const follow = () => {
    const said = document.getElementById("desk-said");
    if (!said) return;
    const { deskTheme, deskLanguage } = said.dataset;
    if (deskLanguage && document.documentElement.lang !== deskLanguage) {
      document.documentElement.lang = deskLanguage;
      keep(deskCookies.language, deskLanguage);
    }
    if (deskTheme) change(deskTheme);
  };

  // A ticket for the session's cookie, which only an answer can set; handed in once.
  let handedIn = "";
  const keepSession = () => {
    const ticket = document.getElementById("desk-session")?.dataset.deskSession;
    if (!ticket || ticket === handedIn) return;
    handedIn = ticket;
    fetch("/session", { method: "POST", headers: { "X-Loanstream-Desk": "session" }, body: ticket }).catch(() => {});
  };

  // Streamlit's navigation has headings inside its list, which no list may have: it is links in a landmark, and no list.
  const listed = '[data-testid="stSidebarNavItems"]:not([role]), [data-testid="stSidebarNavItems"] li:not([role])';
  const mend = () => {
    for (const item of document.querySelectorAll(listed)) item.setAttribute("role", "presentation");
  };

  // Streamlit's own words, which it has in English alone.
  const places = '[data-testid="stFileUploader"], [data-testid="stSelectboxVirtualDropdown"], [role="listbox"]';
  const translate = () => {
    const words = JSON.parse(document.getElementById("desk-said")?.dataset.deskWords || "{}");
    if (!Object.keys(words).length) return;
    for (const place of document.querySelectorAll(places)) {
      const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        for (const [english, ours] of Object.entries(words)) {
          const text = texts.currentNode.nodeValue;
          if (text.includes(english)) texts.currentNode.nodeValue = text.replace(english, ours);
        }
      }
    }
  };

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      follow();
      keepSession();
      mend();
      translate();
    });
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-desk-theme", "data-desk-language", "data-desk-session"] });
})();
