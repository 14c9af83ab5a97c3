//! Makes text that other programs wrote safe to store, print and publish.
//!
//! * [`Redactor`] finds secrets (provider tokens, private keys, passwords in
//!   URLs and in assignments) and replaces each with `[redacted:RULE]`.
//! * [`terminal::escape`] removes what a hostile text could do to a terminal.
//! * [`html::escape`] makes text safe inside HTML elements and attributes.
//! * [`json::Escaped`] makes JSON safe to print without changing its values.
//!
//! What it is not: it does not verify that a secret is live, it does not parse
//! the language a text is written in, and it is no proof that a text is clean.
//! A secret without a known prefix, without a telling key name and without a
//! URL around it looks like any other word and stays. The crate reads no files
//! and keeps no state.
//!
//! ```
//! let redactor = stead_redact::Redactor::default_rules();
//! let text = "db: postgres://app:t0psecret@db.internal/app";
//! assert_eq!(
//!     redactor.mask(text),
//!     "db: postgres://app:[redacted:url-password]@db.internal/app",
//! );
//! ```

pub mod html;
pub mod json;
mod secret;
pub mod terminal;

pub use secret::{Finding, Redactor, RuleInfo, rules};
