//! `docs/reference/redaction.md`: what is masked.

use stead_redact::RuleInfo;

use super::{NOTE, table};

/// The page.
pub(super) fn page(rules: impl Iterator<Item = RuleInfo>) -> String {
    let rows = rules.map(|rule| vec![format!("`{}`", rule.id), rule.description.to_owned()]);
    format!(
        "# Redaction rules\n\n{NOTE}\n\n\
         A secret that a rule finds becomes `[redacted:RULE]` in the search index and in\n\
         everything that leaves the machine. Rules further up win where two overlap.\n\n{}",
        table(&["Rule", "Finds"], rows)
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_rule_has_a_row() {
        let page = super::page(stead_redact::rules());
        assert!(stead_redact::rules().all(|rule| page.contains(&format!("| `{}` |", rule.id))));
    }
}
