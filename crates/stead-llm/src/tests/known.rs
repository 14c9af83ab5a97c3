//! Providers that are known by name, names of models, and addresses.

use std::collections::HashSet;

use crate::presets::{provider, providers};
use crate::{Endpoint, ModelRef, Request, Wire};

#[test]
fn every_provider_can_be_reached_and_has_a_source() {
    let mut names = HashSet::new();
    for known in providers() {
        assert!(names.insert(&known.name), "{} twice", known.name);
        assert!(known.source.starts_with("https://"), "{}", known.name);
        let endpoint = known.endpoint(Some("https://example.org")).unwrap();
        assert_eq!(
            endpoint.needs_key,
            known.key_variable.is_some() && !known.key_optional
        );
        if let Some(endpoint) = known.endpoint(None) {
            assert_eq!(endpoint.is_local(), known.local, "{}", known.name);
            assert!(endpoint.url(&Request::default(), true).is_ok());
        }
    }
    assert_eq!(names.len(), 23);
    assert!(provider("azure").unwrap().endpoint(None).is_none());
}

#[test]
fn names_of_models_may_hold_slashes() {
    let model: ModelRef = "openrouter/qwen/qwen3-coder:free".parse().unwrap();
    assert_eq!(
        (model.provider.as_str(), model.model.as_str()),
        ("openrouter", "qwen/qwen3-coder:free")
    );
    assert_eq!(model.to_string(), "openrouter/qwen/qwen3-coder:free");
    for bad in ["", "qwen3", "/qwen3", "ollama/"] {
        assert!(bad.parse::<ModelRef>().is_err(), "{bad}");
    }
    for wire in Wire::all() {
        assert_eq!(wire.name().parse(), Ok(wire));
    }
    assert!(
        "chat"
            .parse::<Wire>()
            .unwrap_err()
            .to_string()
            .contains("openai-responses")
    );
}

#[test]
fn addresses_are_completed_as_people_write_them() {
    let request = Request {
        model: "m".into(),
        ..Request::default()
    };
    let url = |wire, base: &str| {
        let endpoint = Endpoint::new("p", wire, base);
        endpoint
            .url(&request, true)
            .map(|url| url.to_string())
            .map_err(|error| error.to_string())
    };
    let cases = [
        (Wire::Openai, "http://h:1", "http://h:1/v1/chat/completions"),
        (Wire::Openai, "http://h/v1/", "http://h/v1/chat/completions"),
        (
            Wire::Openai,
            "https://h/api/paas/v4",
            "https://h/api/paas/v4/chat/completions",
        ),
        (
            Wire::Openai,
            "https://h/openai/v1?api-version=preview",
            "https://h/openai/v1/chat/completions?api-version=preview",
        ),
        (
            Wire::OpenaiResponses,
            "https://h/v1",
            "https://h/v1/responses",
        ),
        (Wire::Anthropic, "https://h", "https://h/v1/messages"),
        (Wire::Anthropic, "https://h/v1", "https://h/v1/messages"),
        (
            Wire::Anthropic,
            "https://h/anthropic",
            "https://h/anthropic/v1/messages",
        ),
        (
            Wire::Gemini,
            "https://h",
            "https://h/v1beta/models/m:streamGenerateContent?alt=sse",
        ),
        (
            Wire::Gemini,
            "https://h/v1beta?a=b",
            "https://h/v1beta/models/m:streamGenerateContent?a=b&alt=sse",
        ),
    ];
    for (wire, base, expected) in cases {
        assert_eq!(url(wire, base).as_deref(), Ok(expected));
    }
    for bad in [
        "",
        "h:1",
        "ftp://h",
        "localhost:8080/v1",
        "http://",
        "http://me:pw@h",
    ] {
        let error = url(Wire::Openai, bad).unwrap_err();
        assert!(error.contains("base URL"), "{bad}: {error}");
    }
}

#[test]
fn only_what_stays_here_is_local() {
    let is_local = |base: &str| Endpoint::new("p", Wire::Openai, base).is_local();
    for local in [
        "http://localhost:1",
        "http://127.0.0.9",
        "http://[::1]:8080/v1",
        "http://a.localhost",
    ] {
        assert!(is_local(local), "{local}");
    }
    for far in [
        "http://localhost.example.org",
        "http://10.0.0.1",
        "https://api.openai.com/v1",
        "http://127.0.0.1.nip.io",
        "none",
    ] {
        assert!(!is_local(far), "{far}");
    }
}
