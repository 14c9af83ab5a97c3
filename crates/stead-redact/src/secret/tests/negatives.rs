//! What must stay.

use super::super::Redactor;
use super::{BASE64, HEX, noise};

fn assert_clean(text: &str) {
    let found = Redactor::default_rules().find(text);
    let seen: Vec<_> = found
        .iter()
        .map(|f| (f.rule, &text[f.range.clone()]))
        .collect();
    assert!(seen.is_empty(), "{seen:?} in {text:?}");
}

#[test]
fn code_about_secrets_stays() {
    for text in [
        "password = getPassword()",
        "token: str",
        "token: Option<String>,",
        "let token = parser.next_token();",
        "api_key=os.environ[\"X\"]",
        "api_key = os.getenv('OPENAI_API_KEY')",
        "password: \"\"",
        "password=''",
        "const token = process.env.GITHUB_TOKEN;",
        "if (token === undefined) return",
        "token = self.token2",
        "def login(user, password=None, token=DEFAULT_TOKEN):",
        "secret: ${{ secrets.DEPLOY_KEY_2 }}",
        "max_tokens: 4096",
        "\"input_tokens\": 123456789",
        "\"max_tokens\":100000000",
        "token_count = 12345678",
        "tokenizer: \"cl100k_base\"",
        "token_type: \"bearer2\"",
        "secretary: \"Jane Doe 1234\"",
        "password_field = \"user_password\"",
        "passwordHash: String",
        "secret_name: \"prod/db/password1\"",
        "token::Token2::new(abc1234567)",
        "Token::Ident(name1)",
        "fn token(&self) -> Token",
        "private_key_path=/etc/ssl/key1.pem",
        "SECRET_FILE=/run/secrets/db2",
        "PWD=/home/user/project1",
        "password: z.string().min(8)",
        "password: { type: 'string', minLength: 12 }",
        "type=\"password\"",
        "<input name=\"password\" id=\"password1\">",
        "token=token1",
        "api_key=api_key1)",
        "credentials: 'include'",
        "accessKey: keyof typeof map1",
        "page_token = \"CAoQAhgBIgw4\"",
        "assert token != 'abc'",
        "password => password2.length > 8",
        "secret=$SECRET",
        "secret=\"$(cat file1)\"",
        "token = tokens[12345]",
        "auth_token: Annotated[str, Depends(get_1)]",
        "password: sha256",
        "password.encode('latin1')",
        "token.startswith('ab12cd34ef')",
        "private readonly token: CancellationToken2",
    ] {
        assert_clean(text);
    }
}

#[test]
fn placeholders_stay() {
    for text in [
        "PASSWORD=${PASSWORD}",
        "API_KEY=<your-token>",
        "api_key: \"xxxxxxxx1\"",
        "SECRET=changeme123",
        "TOKEN=your_token_here_1",
        "secret: \"********\"",
        "API_KEY=sk-...abc1",
        "token: \"{{ token1 }}\"",
        "password: \"%s\"",
        "token: \"my-secret-token\"",
        "API_TOKEN=replace-with-token1",
        "password: string",
        "SECRET_KEY=\"insert-key-1-here\"",
        "https://user:${PASS}@host/",
        "https://user:<pass1>@host/",
        "https://u:{password}@host",
        "https://u:***@host",
        "Authorization: Bearer <token>",
        "Bearer $TOKEN_1234567890",
        "Authorization: Bearer ${TOKEN}",
        "the bearer authentication-scheme-is",
        "Basic authentication is fine",
        "basic understanding",
        "Basic Usage",
    ] {
        assert_clean(text);
    }
}

#[test]
fn hashes_and_file_contents_stay() {
    let git = noise(HEX, 40, 1);
    let sha = noise(BASE64, 86, 2);
    let blob = noise(BASE64, 20_000, 3);
    let uuid = "550e8400-e29b-41d4-a716-446655440000";
    for text in [
        format!("commit {git}"),
        format!("\"integrity\": \"sha512-{sha}==\""),
        format!("token: \"{uuid}\""),
        format!("\"token\": \"{git}\""),
        format!("checksum = \"{}\"", noise(HEX, 64, 4)),
        blob.clone(),
        format!("\"data\": \"{blob}\""),
        format!("data:image/png;base64,{blob}"),
        format!("id={uuid}"),
        format!("secret: \"sha256-{}\"", noise(BASE64, 43, 5)),
        format!("password_hash = \"{git}\""),
    ] {
        assert_clean(&text);
    }
}

#[test]
fn look_alikes_stay() {
    for text in [
        "task-list-item-with-a-long-name-1234",
        "disk-usage",
        "sk-container sk-toggleable__content",
        "shf_abcdefghijklmnopqrstuvwxyz0123456789",
        "social precious",
        "MSG.format",
        "https://example.org:8080/@scope/x",
        "https://example.org/a:b@c",
        "see http://a and x:y@z",
        "eyJ2ZXJzaW9uIjozLCJmaWxlIjoiYS5qcyJ9",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "UPDATE KEYS SET x",
        "aaa:AAA",
        "mailto:me@example.org",
        "git@github.com:a/b.git",
        "discord.gg/abc",
        "MAKIAABCDEFGHIJKLMNOPQ",
        "function(e,t){var n=e.token,r=t.secret;return n&&r?{token:n,secret:r,password:e.password||t.pwd}:null}",
        "if s.starts_with(\"-----BEGIN PRIVATE KEY-----\") && s.ends_with(\"-----END PRIVATE KEY-----\") {",
    ] {
        assert_clean(text);
    }
}
