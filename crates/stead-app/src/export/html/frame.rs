//! What stands around the conversation: the head of the page and its end.

use stead_usf::Session;

use super::Page;
use super::text::escaped;
use crate::export::view::Facts;

const STYLE: &str = include_str!("page.css");
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

impl Page {
    pub(super) fn head(&mut self, header: &Session) {
        self.models = header.models.len();
        let facts = Facts::new(header, &self.clock);
        let title = escaped(&facts.title);
        let agent = escaped(&facts.agent);
        self.put(&format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"generator\" content=\"stead\">\n<title>{title} – {agent}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#conversation\">Skip to the conversation</a>\n<header>\n\
             <p class=\"agent\">{agent}"
        ));
        if !facts.models.is_empty() {
            self.put(&format!(
                " <span class=\"models\">{}</span>",
                escaped(&facts.models)
            ));
        }
        self.put(&format!("</p>\n<h1 dir=\"auto\">{title}</h1>\n<dl>\n"));
        for fact in &facts.rest {
            self.put(&format!(
                "<div class=\"{0}\"><dt>{0}</dt><dd>{1}</dd></div>\n",
                fact.label,
                escaped(&fact.value)
            ));
        }
        self.put("</dl>\n</header>\n<main id=\"conversation\">\n");
    }

    pub(super) fn tail(&mut self) {
        self.close_section();
        self.put("</main>\n");
        if self.turns.len() > 1 {
            let turns = std::mem::take(&mut self.turns);
            self.put("<nav aria-label=\"Turns\">\n<h2>Turns</h2>\n<ol>\n");
            for (at, turn) in turns.iter().enumerate() {
                self.put(&format!(
                    "<li><a href=\"#turn-{}\">{turn}</a></li>\n",
                    at + 1
                ));
            }
            self.put("</ol>\n</nav>\n");
        }
        self.put("<footer>Written by stead. No script, no network.</footer>\n</body>\n</html>\n");
    }
}
