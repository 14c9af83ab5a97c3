//! The rule table: one row per kind of secret, the more specific first.
//!
//! A literal must be rare in ordinary text: its first four bytes (three for the
//! short ones) decide how fast everything is. That is why some start inside a
//! word (`pi_key` for `api_key`). No literal may be the beginning of another.

use super::checks::{has_letter_and_digit, is_basic_credentials, is_opaque};
use super::rule::Reach::{Behind, Far, Here, Near, WordStart};
use super::rule::Rule;

/// Reported by the assignment matcher for AWS names.
pub(super) const AWS_SECRET: &str = "aws-secret-key";

/// Where a rule stands in the table; the last row if it is unknown.
pub(super) fn index_of(id: &str) -> usize {
    RULES
        .iter()
        .position(|rule| rule.id == id)
        .unwrap_or(RULES.len() - 1)
}

/// All rules.
pub(super) static RULES: [Rule; 33] = [
    Rule::pem("private-key", "private key in PEM armour"),
    Rule::pattern(
        "aws-access-key-id",
        "AWS access key id",
        &["AKIA", "ASIA"],
        WordStart,
        r"A[KS]IA[A-Z0-9]{16}\b",
    ),
    Rule::reported(AWS_SECRET, "AWS secret access key after its name"),
    Rule::pattern(
        "github-token",
        "GitHub personal, fine-grained, OAuth, app and refresh token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "b_pat_"],
        Behind(5),
        r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}",
    ),
    Rule::pattern(
        "gitlab-token",
        "GitLab personal, deploy, runner, trigger and OAuth token",
        &["glpat-", "gldt-", "glrt-", "glptt-", "gloas-"],
        WordStart,
        r"gl[a-z]{2,4}-[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]+)*",
    ),
    Rule::pattern(
        "slack-token",
        "Slack bot, user, app and configuration token",
        &["xox", "xapp-"],
        WordStart,
        r"(?:xox[a-z](?:\.xox[a-z])?|xapp)-[A-Za-z0-9-]{10,}",
    )
    .checked(has_letter_and_digit),
    Rule::pattern(
        "slack-webhook",
        "path of a Slack webhook URL",
        &["hooks.slack"],
        Here,
        r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([A-Za-z0-9_/-]{20,})",
    ),
    Rule::pattern(
        "discord-webhook",
        "token of a Discord webhook URL",
        &["webhooks/"],
        Here,
        r"webhooks/[0-9]{15,22}/([A-Za-z0-9_-]{50,})",
    ),
    Rule::pattern(
        "stripe-key",
        "Stripe secret and restricted key",
        &["sk_live_", "rk_live_", "sk_test_", "rk_test_"],
        WordStart,
        r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
    ),
    Rule::pattern(
        "stripe-webhook-secret",
        "Stripe webhook signing secret",
        &["whsec_"],
        WordStart,
        r"whsec_[A-Za-z0-9+/]{24,}={0,2}",
    ),
    Rule::pattern(
        "anthropic-key",
        "Anthropic API key",
        &["sk-"],
        WordStart,
        r"sk-ant-[A-Za-z0-9_-]{20,}",
    ),
    Rule::pattern(
        "openai-key",
        "OpenAI API key, and those of services that copied its form",
        &["sk-"],
        WordStart,
        r"sk-(?:(?:proj|svcacct|admin|None|or-v1)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{20,})",
    )
    .checked(has_letter_and_digit),
    Rule::pattern(
        "google-api-key",
        "Google API key",
        &["AIza"],
        WordStart,
        r"AIza[A-Za-z0-9_-]{35,}",
    ),
    Rule::pattern(
        "google-oauth",
        "Google OAuth client secret and access token",
        &["GOCSPX-", "ya29."],
        WordStart,
        r"(?:GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,})",
    ),
    Rule::pattern(
        "huggingface-token",
        "Hugging Face access token",
        &["hf_"],
        WordStart,
        r"hf_[A-Za-z0-9]{30,}",
    ),
    Rule::pattern(
        "npm-token",
        "npm access token",
        &["npm_"],
        WordStart,
        r"npm_[A-Za-z0-9]{36,}",
    ),
    Rule::pattern(
        "pypi-token",
        "PyPI upload token",
        &["pypi-A"],
        WordStart,
        r"pypi-A[A-Za-z0-9_-]{48,}",
    ),
    Rule::pattern(
        "crates-io-token",
        "crates.io API token",
        &["cio"],
        Behind(2),
        r"(?:^|[^A-Za-z0-9_+/-]|\\[nrt])(cio[A-Za-z0-9]{32})(?:[^A-Za-z0-9+/]|$)",
    )
    .checked(is_opaque),
    Rule::pattern(
        "sendgrid-key",
        "SendGrid API key",
        &["SG."],
        WordStart,
        r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,}",
    ),
    Rule::pattern(
        "twilio-key",
        "Twilio API key near the name",
        &["wilio", "WILIO"],
        Near(160),
        r"(?:\b|\\[nrt])(SK[0-9a-f]{32,})",
    ),
    Rule::pattern(
        "telegram-bot-token",
        "Telegram bot token",
        &[":AA"],
        Behind(12),
        r"[0-9]{8,11}:AA[A-Za-z0-9_-]{33,}",
    ),
    Rule::pattern(
        "discord-token",
        "Discord bot and user token near the name",
        &["iscord", "ISCORD", "Bot "],
        Near(200),
        r"(?:\b|\\[nrt])([MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,})",
    ),
    Rule::pattern(
        "digitalocean-token",
        "DigitalOcean personal, OAuth and refresh token",
        &["dop_v1_", "doo_v1_", "dor_v1_"],
        WordStart,
        r"do[opr]_v1_[a-f0-9]{64,}",
    ),
    Rule::pattern(
        "databricks-token",
        "Databricks access token",
        &["dapi"],
        WordStart,
        r"dapi[a-f0-9]{32,}(?:-[0-9]+)?",
    ),
    Rule::pattern(
        "azure-storage-key",
        "Azure storage account key in a connection string",
        &["ntKey="],
        Here,
        r"ntKey=([A-Za-z0-9+/]{40,}={0,2})",
    ),
    Rule::pattern(
        "azure-sas",
        "signature of an Azure shared access URL",
        &["sig="],
        Here,
        r"sig=([A-Za-z0-9+/%]{40,}=?)",
    )
    .checked(super::checks::is_sas_signature),
    Rule::pattern(
        "jwt",
        "JSON Web Token",
        &["eyJ"],
        Far,
        r"eyJ[A-Za-z0-9_-]{8,}(?:\.eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]+)?|(?:\.[A-Za-z0-9_-]+){4})",
    ),
    Rule::pattern(
        "bearer-token",
        "token of an HTTP Authorization header",
        &["Bearer ", "bearer ", "BEARER "],
        WordStart,
        r"[A-Za-z]{6} +([A-Za-z0-9._~+/-]{16,}=*)",
    )
    .checked(is_opaque),
    Rule::pattern(
        "basic-auth",
        "user and password of an HTTP Authorization header",
        &["Basic ", "basic "],
        WordStart,
        r"[Bb]asic +([A-Za-z0-9+/]{6,}={0,2})",
    )
    .checked(is_basic_credentials),
    Rule::url("url-password", "password in a URL"),
    Rule::assignment(
        "password",
        "value of a name like password, passwd, pwd, passphrase",
        &[
            "assword",
            "asswd",
            "ASSWORD",
            "ASSWD",
            "pwd",
            "PWD",
            "Pwd",
            "assphrase",
            "ASSPHRASE",
        ],
    ),
    Rule::assignment(
        "api-key",
        "value of a name like api_key, private_key, access_key, signing_key",
        &[
            "pi_key", "pi-key", "pikey", "piKey", "PI_KEY", "PIKEY", "PI-KEY", "pi-Key", "PIKey",
            "te_key", "teKey", "te-key", "TE_KEY", "ss_key", "ssKey", "ss-key", "SS_KEY", "nt_key",
            "NT_KEY", "ge_key", "GE_KEY", "on_key", "ON_KEY", "ng_key", "NG_KEY",
        ],
    ),
    Rule::assignment(
        "secret",
        "value of a name like secret, token, credential",
        &[
            "secret",
            "Secret",
            "SECRET",
            "token",
            "Token",
            "TOKEN",
            "redential",
            "REDENTIAL",
        ],
    ),
];
