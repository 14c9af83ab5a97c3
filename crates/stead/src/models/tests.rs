//! Configurations in, models and words out.

use stead_adapters::Env;
use stead_llm::{Class, ModelRef};

use super::choice::Choice;
use super::config::ModelsConfig;
use super::facts::{Price, brief};
use super::provider::{KeyState, Providers};
use crate::cli::ModelArgs;
use crate::config::Config;

fn config(toml: &str) -> ModelsConfig {
    Config::parse(toml).unwrap().of_models()
}

fn args(model: Option<&str>, parser: Option<&str>, fallback: &[&str]) -> ModelArgs {
    ModelArgs {
        model: model.map(str::to_owned),
        base_url: None,
        parser_model: parser.map(str::to_owned),
        fallback: fallback.iter().map(|one| (*one).to_owned()).collect(),
    }
}

/// The models that are chosen, in words: generator, parser, fallback.
fn chosen(toml: &str, args: &ModelArgs) -> String {
    match Choice::of(&config(toml), args) {
        Ok(choice) => {
            let word =
                |model: Option<ModelRef>| model.map_or("-".to_owned(), |one| one.to_string());
            let fallback: Vec<String> = choice.fallback.iter().map(ToString::to_string).collect();
            let (generator, parser) = (word(choice.generator), word(choice.parser));
            format!("{generator} {parser} [{}]", fallback.join(" "))
        }
        Err(wrong) => wrong.to_string(),
    }
}

const BOTH: &str = "[models]\ngenerator = 'a/big'\nparser = 'b/small'\nfallback = ['c/x/y']\n\
                    [profile.local]\ngenerator = 'ollama/q'\n";

#[test]
fn what_was_typed_goes_before_the_profile_and_that_before_the_rest() {
    let local = BOTH.replace("[models]", "[models]\nprofile = 'local'");
    let none = args(None, None, &[]);
    for (toml, args, expected) in [
        (BOTH, &none, "a/big b/small [c/x/y]"),
        // A profile says all.
        (&local, &none, "ollama/q - []"),
        (BOTH, &args(Some("d/e"), None, &[]), "d/e b/small []"),
        (BOTH, &args(None, Some("none"), &["f/g"]), "a/big - [f/g]"),
        (
            BOTH,
            &args(Some("d/e"), Some("h/i"), &["f/g"]),
            "d/e h/i [f/g]",
        ),
        ("", &none, "- - []"),
        (
            BOTH,
            &args(Some("gpt"), None, &[]),
            "--model: `gpt` names no model",
        ),
        (
            "[models]\nparser = 'x'",
            &none,
            "[models] parser: `x` names no model",
        ),
        (
            "[models]\nprofile = 'x'",
            &none,
            "[models] profile: there is no profile `x`",
        ),
    ] {
        assert_eq!(chosen(toml, args), expected, "{args:?}");
    }
}

fn providers(toml: &str, moved: Option<(&str, &str)>) -> Providers {
    let env = Env::at_home("/home/dev")
        .with_variable("OPENAI_API_KEY", "usual-key-of-openai")
        .with_variable("OWN", "own-key-of-the-user");
    let moved = moved.map(|(name, url)| (name.to_owned(), url.to_owned()));
    Providers::new(config(toml).providers, env, moved)
}

#[test]
fn configured_providers_are_laid_over_known_ones() {
    let toml = "[provider.openai]\nbase_url = 'https://gate.example/v1'\nkey = { env = 'OWN' }\n\
                [provider.work]\nlike = 'azure'\nbase_url = 'https://w.example/openai/v1'\ntimeout_s = 9\n\
                [provider.box]\nwire = 'anthropic'\nbase_url = 'http://box.lan:8000'\nlocal = true\n\
                headers = { x-team = 'a', x-key = { env = 'OWN' } }\n";
    let providers = providers(toml, None);
    let openai = providers.endpoint("openai").unwrap();
    assert_eq!(openai.host(), "gate.example");
    assert!(openai.key.is_some());
    assert!(!openai.dialect.max_completion_tokens, "it is not OpenAI");
    let work = providers.address("work").unwrap();
    assert_eq!(work.key_header.unwrap().0, "api-key");
    assert_eq!(work.timeouts.idle.as_secs(), 9);
    assert_eq!(
        providers.key_state("work"),
        KeyState::Missing("AZURE_OPENAI_API_KEY".to_owned())
    );
    assert!(providers.is_local("box"));
    let made = providers.endpoint("box").unwrap();
    assert_eq!(made.wire.name(), "anthropic");
    assert_eq!(made.headers[0].1, "own-key-of-the-user");
    assert!(
        !format!("{made:?}{providers:?}").contains("own-key"),
        "{made:?}"
    );
}

#[test]
fn what_cannot_be_used_is_said() {
    let toml = "[provider.a]\n[provider.b]\nlike = 'nobody'\n\
                [provider.c]\nbase_url = 'http://c.example'\nkey = { env = 'UNSET' }\n\
                [provider.d]\nbase_url = 'http://d.example'\nheaders = { x-team = { env = 'OWN' } }\n";
    let providers = providers(toml, None);
    let said = |name: &str| providers.endpoint(name).unwrap_err().to_string();
    assert!(said("a").contains("it has no `base_url`"));
    assert!(said("b").contains("no provider `nobody` is known"));
    assert!(said("e").contains("neither configured nor known"));
    assert!(said("d").contains("would stand in records"));
    let missing = providers.endpoint("c").unwrap_err();
    assert_eq!(missing.class(), Class::Key);
    assert!(missing.hint().contains("UNSET"), "{}", missing.hint());
}

#[test]
fn the_usual_key_goes_to_no_other_machine_in_the_clear() {
    for (url, has_key) in [
        ("https://else.example/v1", true),
        ("http://127.0.0.1:9/v1", true),
        ("http://192.168.1.5:8000/v1", false),
    ] {
        let moved = providers("", Some(("openai", url)));
        let endpoint = moved.endpoint("openai");
        assert_eq!(
            endpoint.is_ok_and(|one| one.key.is_some()),
            has_key,
            "{url}"
        );
    }
    let own = "[provider.openai]\nkey = { env = 'OWN' }";
    let moved = providers(own, Some(("openai", "http://192.168.1.5:8000/v1")));
    assert!(moved.endpoint("openai").unwrap().key.is_some());
}

#[test]
fn what_is_local_is_told_by_the_address_or_by_the_user() {
    let toml = "[provider.box]\nbase_url = 'http://box.lan'\nlocal = true\n\
                [provider.ollama]\nlocal = false";
    for (name, moved, expected) in [
        ("lmstudio", None, true),
        ("litellm", None, false),
        ("openai", None, false),
        ("ollama", None, false),
        ("box", None, true),
        // What the user said is of another address.
        ("box", Some("http://else.example"), false),
        ("openai", Some("http://[::1]:9/v1"), true),
    ] {
        let providers = providers(toml, moved.map(|url| (name, url)));
        assert_eq!(providers.is_local(name), expected, "{name} {moved:?}");
        // The runner asks what it sends to.
        if let Ok(endpoint) = providers.endpoint(name) {
            assert_eq!(endpoint.is_local(), expected, "{name} {moved:?}");
        }
    }
}

#[test]
fn keys_are_read_from_programs_and_are_never_written_down() {
    let toml = "[provider.a]\nbase_url = 'http://a.example'\nkey = { command = 'echo key-of-a' }\n\
                [provider.b]\nbase_url = 'http://b.example'\nkey = { command = ['false'] }\n";
    let providers = providers(toml, None);
    assert!(providers.endpoint("a").unwrap().key.is_some());
    let failed = providers.endpoint("b").unwrap_err().to_string();
    assert!(failed.contains("`false` failed"), "{failed}");
    for line in [
        "key = 'hunter2'",
        "key = ['hunter2']",
        "key = { env = 'A', keyring = 'hunter2' }",
        "key = { text = 'hunter2' }",
        "key = { command = 'echo \"hunter2\"' }",
        "headers = { x-key = ['hunter2'] }",
        "headers = { x-key = { key = 'hunter2' } }",
    ] {
        let error = Config::parse(&format!("[provider.a]\n{line}\n")).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
        assert!(
            error.contains("line ") && error.contains("write"),
            "{error}"
        );
    }
    let headers = config("[provider.a]\nheaders = { x = 'hunter2' }");
    assert!(!format!("{headers:?}").contains("hunter2"));
}

#[test]
fn licences_are_told_in_few_words() {
    for (licence, words) in [
        ("Apache-2.0", "Apache-2.0"),
        ("Modified MIT License (Kimi K2.5)", "modified MIT"),
        ("Llama 3.1 Community License", "Llama 3.1 Community"),
        ("proprietary", "proprietary"),
        ("Gemma Terms of Use", "Gemma Terms of Use"),
    ] {
        assert_eq!(brief(licence), words);
    }
}

#[test]
fn each_kind_of_token_has_its_price() {
    let price = Price {
        input: 3.0,
        output: 15.0,
        cache_read: Some(0.3),
        cache_write: None,
    };
    let usage = stead_usf::Usage {
        input: Some(1_000_000),
        output: Some(100_000),
        cache_read: Some(2_000_000),
        cache_write: Some(1000),
        reasoning: Some(50_000),
    };
    let cost = price.of(&usage).unwrap();
    assert!((cost - 5.103).abs() < 1e-9, "{cost}");
    assert_eq!(price.of(&stead_usf::Usage::default()), None);
}
