//! What must be found. Secrets are put together at run time, so that scanners
//! of this repository do not take them for real ones.

use super::super::Redactor;
use super::{ALNUM, BASE64, HEX, UPPER, noise};

/// Asserts that exactly `secret` in `text` is found, by `rule`.
fn assert_found(rule: &str, text: &str, secret: &str) {
    let found = Redactor::default_rules().find(text);
    let seen: Vec<_> = found
        .iter()
        .map(|f| (f.rule, &text[f.range.clone()]))
        .collect();
    assert_eq!(seen, [(rule, secret)], "in {text:?}");
}

/// Tokens that are recognised wherever they stand.
fn tokens() -> Vec<(&'static str, String)> {
    let n = noise;
    vec![
        (
            "aws-access-key-id",
            format!("{}{}", "AKIA", n(UPPER, 16, 1)),
        ),
        (
            "aws-access-key-id",
            format!("{}{}", "ASIA", n(UPPER, 16, 2)),
        ),
        ("github-token", format!("{}{}", "ghp_", n(ALNUM, 36, 3))),
        ("github-token", format!("{}{}", "gho_", n(ALNUM, 36, 4))),
        ("github-token", format!("{}{}", "ghu_", n(ALNUM, 36, 5))),
        ("github-token", format!("{}{}", "ghs_", n(ALNUM, 36, 6))),
        ("github-token", format!("{}{}", "ghr_", n(ALNUM, 76, 7))),
        (
            "github-token",
            format!("github{}{}_{}", "_pat_", n(ALNUM, 22, 8), n(ALNUM, 59, 9)),
        ),
        ("gitlab-token", format!("{}{}", "glpat-", n(ALNUM, 20, 10))),
        (
            "slack-token",
            format!("{}{}-{}", "xoxb-", n("123456789", 12, 11), n(ALNUM, 24, 12)),
        ),
        (
            "slack-token",
            format!("{}{}-{}", "xoxp-", n("123456789", 12, 13), n(HEX, 32, 14)),
        ),
        (
            "slack-token",
            format!("{}1-A{}-{}", "xapp-", n(UPPER, 10, 15), n(HEX, 64, 16)),
        ),
        ("stripe-key", format!("{}{}", "sk_live_", n(ALNUM, 24, 17))),
        ("stripe-key", format!("{}{}", "rk_live_", n(ALNUM, 24, 18))),
        (
            "stripe-webhook-secret",
            format!("{}{}", "whsec_", n(ALNUM, 32, 19)),
        ),
        (
            "openai-key",
            format!(
                "{}{}T3Blbk{}{}",
                "sk-",
                n(ALNUM, 20, 20),
                "FJ",
                n(ALNUM, 20, 21)
            ),
        ),
        (
            "openai-key",
            format!("{}{}-{}", "sk-proj-", n(ALNUM, 40, 22), n(ALNUM, 40, 23)),
        ),
        (
            "anthropic-key",
            format!(
                "{}api03-{}-{}AA",
                "sk-ant-",
                n(ALNUM, 40, 24),
                n(ALNUM, 50, 25)
            ),
        ),
        ("google-api-key", format!("{}{}", "AIza", n(ALNUM, 35, 26))),
        ("google-oauth", format!("{}{}", "GOCSPX-", n(ALNUM, 28, 27))),
        (
            "huggingface-token",
            format!("{}{}", "hf_", n(ALNUM, 34, 28)),
        ),
        ("npm-token", format!("{}{}", "npm_", n(ALNUM, 36, 29))),
        (
            "pypi-token",
            format!("{}EIcHlwaS5vcmc{}", "pypi-Ag", n(ALNUM, 80, 30)),
        ),
        ("crates-io-token", format!("{}{}", "cio", n(ALNUM, 32, 31))),
        (
            "sendgrid-key",
            format!("{}{}.{}", "SG.", n(ALNUM, 22, 32), n(ALNUM, 43, 33)),
        ),
        (
            "telegram-bot-token",
            format!("{}:{}{}", n("123456789", 10, 34), "AA", n(ALNUM, 33, 35)),
        ),
        (
            "digitalocean-token",
            format!("{}{}", "dop_v1_", n(HEX, 64, 36)),
        ),
        ("databricks-token", format!("{}{}", "dapi", n(HEX, 32, 37))),
        (
            "jwt",
            format!(
                "{}hbGciOiJIUzI1NiJ9.{}{}.{}",
                "eyJ",
                "eyJ",
                n(ALNUM, 40, 38),
                n(ALNUM, 43, 39)
            ),
        ),
    ]
}

#[test]
fn tokens_are_found_wherever_they_stand() {
    for (rule, token) in tokens() {
        for (before, after) in [
            ("", ""),
            ("see ", " ok"),
            ("\"", "\","),
            ("(", ")"),
            ("x\\n", "\\ny"),
            ("a=", "\n"),
            ("ü", "ü"),
        ] {
            assert_found(rule, &format!("{before}{token}{after}"), &token);
        }
    }
}

#[test]
fn tokens_with_a_telling_neighbour_are_found() {
    let twilio = format!("{}{}", "SK", noise(HEX, 32, 40));
    assert_found("twilio-key", &format!("twilio sid: {twilio}"), &twilio);
    let discord = format!(
        "M{}.{}.{}",
        noise(ALNUM, 23, 41),
        noise(ALNUM, 6, 42),
        noise(ALNUM, 38, 43)
    );
    assert_found(
        "discord-token",
        &format!("discord login {discord}"),
        &discord,
    );
    let path = format!(
        "T{}/B{}/{}",
        noise(UPPER, 9, 44),
        noise(UPPER, 9, 45),
        noise(ALNUM, 24, 46)
    );
    assert_found(
        "slack-webhook",
        &format!("https://hooks.slack.com/services/{path}"),
        &path,
    );
    let hook = noise(ALNUM, 68, 47);
    let url = format!("https://discord.com/api/webhooks/123456789012345678/{hook}");
    assert_found("discord-webhook", &url, &hook);
    let account = format!("{}==", noise(BASE64, 86, 48));
    let text = format!("AccountName=x;AccountKey={account};EndpointSuffix=core");
    assert_found("azure-storage-key", &text, &account);
    let sas = format!("{}%3D", noise(ALNUM, 43, 49));
    assert_found(
        "azure-sas",
        &format!("https://x.blob.core/y?sv=1&sig={sas}&se=2"),
        &sas,
    );
    let aws = noise(BASE64, 40, 50);
    for name in [
        "aws_secret_access_key = ",
        "AWS_SECRET_ACCESS_KEY=",
        "\"SecretAccessKey\": \"",
    ] {
        assert_found("aws-secret-key", &format!("{name}{aws}"), &aws);
    }
}

#[test]
fn headers_are_masked() {
    let opaque = noise(ALNUM, 30, 51);
    assert_found(
        "bearer-token",
        &format!("Authorization: Bearer {opaque}"),
        &opaque,
    );
    assert_found(
        "bearer-token",
        &format!("-H 'authorization: bearer {opaque}'"),
        &opaque,
    );
    let basic = concat!("dXNlcjpw", "YXNzdzByZA==");
    assert_found(
        "basic-auth",
        &format!("Authorization: Basic {basic}\r\n"),
        basic,
    );
    assert_found("api-key", &format!("x-api-key: {opaque}\n"), &opaque);
}

#[test]
fn url_passwords_are_masked() {
    let table = [
        ("postgres://app:s3cr@t@db:5432/x", "s3cr@t"),
        ("https://user:pass@example.org/", "pass"),
        ("redis://:hunter2@cache:6379", "hunter2"),
        (
            "git clone https://oauth2:abc123@git.example/x.git",
            "abc123",
        ),
        ("mongodb+srv://u:p%40ss@cluster.example/?x=1", "p%40ss"),
        ("\"amqp://guest:gu-est@mq\"", "gu-est"),
    ];
    for (text, password) in table {
        assert_found("url-password", text, password);
    }
}

#[test]
fn assignments_are_masked_in_every_spelling() {
    let value = noise(ALNUM, 28, 60);
    let spellings = [
        "API_KEY=@",
        "export API_KEY=@",
        "API_KEY=\"@\"",
        "api_key: '@'",
        "\"api_key\": \"@\"",
        "\"apiKey\":\"@\"",
        "{\\\"api_key\\\":\\\"@\\\"}",
        "{\\\\\\\"api-key\\\\\\\": \\\\\\\"@\\\\\\\"}",
        "const apiKey = \"@\";",
        "let api_key: &str = \"@\";",
        "apiKey: string = '@'",
        "api_key := `@`",
        "config['api_key'] = '@'",
        "os.environ[\"API_KEY\"] = \"@\"",
        ":api_key => '@'",
        "--api-key @",
        "--api-key=@",
        "?a=1&api_key=@&b=2",
        "<apiKey>@</apiKey>",
        "ENV API_KEY=@",
        "-e API_KEY=@ x",
        "A=1\\nAPI_KEY=@\\nB=2",
        "api_key: @ # comment",
        "setenv(\"API_KEY\", \"@\")",
        "+API_KEY=@",
        "api_key=\"@",
        "key.api_key == \"@\"",
        "{api_key: b\"@\"}",
        "client.private_key = '@'",
        "ENCRYPTION_KEY=@",
        "MY_ACCESS_KEY=@",
    ];
    for spelling in spellings {
        assert_found("api-key", &spelling.replace('@', &value), &value);
    }
}

#[test]
fn every_secret_name_counts() {
    let value = noise(ALNUM, 28, 61);
    for name in [
        "secret",
        "client_secret",
        "clientSecret",
        "CLIENT-SECRET",
        "token",
        "authToken",
        "GITHUB_TOKEN",
        "access_token",
        "credential",
        "db_credentials",
        "SECRET_KEY",
        "//registry.npmjs.org/:_authToken",
        "JWT_SECRET_PROD",
        "token2",
        "app.secret.key",
    ] {
        assert_found("secret", &format!("{name}=\"{value}\""), &value);
        assert_found("secret", &format!("{name}={value}\n"), &value);
    }
    for name in [
        "password",
        "DB_PASSWORD",
        "passwd",
        "pwd",
        "userPwd",
        "passphrase",
        "PGPASSWORD",
    ] {
        assert_found("password", &format!("{name}=\"{value}\""), &value);
        assert_found("password", &format!("{name}: {value}\n"), &value);
    }
}

#[test]
fn passwords_of_people_are_masked() {
    let table = [
        ("password: hunter2\n", "hunter2"),
        ("PASSWORD=Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("\"password\": \"p@ss(w0rd)!\"", "p@ss(w0rd)!"),
        (
            "Server=db;User=sa;Password=Sw0rdf1sh;Timeout=3",
            "Sw0rdf1sh",
        ),
        ("mysql --password=l3tme1n", "l3tme1n"),
        ("DB_PASSWORD=a;b&c#d1", "a;b&c#d1"),
        ("password = 'geheim99'", "geheim99"),
        ("password: \"grüße-1\"", "grüße-1"),
        ("login?user=a&password=qwert1&x=", "qwert1"),
    ];
    for (text, password) in table {
        assert_found("password", text, password);
    }
}

#[test]
fn long_tokens_are_masked_to_their_end() {
    let jwt = format!(
        "{}hbGciOiJIUzI1NiJ9.{}{}.x",
        "eyJ",
        "eyJ",
        noise(ALNUM, 9000, 95)
    );
    assert_found("jwt", &format!("a {jwt} b"), &jwt);
    let key = format!("{}{}", "sk-ant-", noise(ALNUM, 1000, 96));
    assert_found("anthropic-key", &format!("({key})"), &key);
}
