use proptest::prelude::*;

use crate::catalogue::{FILES, File};
use crate::{facts, licence_of};

/// Names as agents record them, who served them, and the licence that their
/// makers name: the truths are read off model cards, not off the catalogue.
const KNOWN: &[(&str, Option<&str>, &str)] = &[
    ("claude-opus-4-5-20251101", None, "proprietary"),
    ("anthropic/claude-sonnet-4-5", None, "proprietary"),
    (
        "openrouter/anthropic/claude-3.7-sonnet:thinking",
        None,
        "proprietary",
    ),
    (
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
        Some("bedrock"),
        "proprietary",
    ),
    (
        "bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0:200k",
        None,
        "proprietary",
    ),
    ("claude-opus-4-1@20250805", Some("vertex"), "proprietary"),
    ("claude-sonnet-4-5[1m]", None, "proprietary"),
    ("Claude 3.5 Sonnet", None, "proprietary"),
    ("gpt-4o-2024-08-06", None, "proprietary"),
    ("openai/gpt-5-codex", None, "proprietary"),
    ("azure/gpt-4.1-mini", None, "proprietary"),
    ("o3-mini", None, "proprietary"),
    ("codex-mini-latest", None, "proprietary"),
    ("gemini-2.5-pro", None, "proprietary"),
    ("gemini/gemini-2.5-flash-preview-05-20", None, "proprietary"),
    ("x-ai/grok-code-fast-1", None, "proprietary"),
    ("openai/gpt-oss-120b:free", None, "Apache-2.0"),
    ("gpt-oss:20b", Some("ollama"), "Apache-2.0"),
    ("openai.gpt-oss-120b-1:0", Some("bedrock"), "Apache-2.0"),
    ("gpt-oss-20b-mxfp4.gguf", None, "Apache-2.0"),
    ("llama3", Some("ollama"), "Llama 3 Community License"),
    (
        "meta-llama/Llama-3.1-8B-Instruct",
        None,
        "Llama 3.1 Community License",
    ),
    (
        "meta.llama3-1-70b-instruct-v1:0",
        None,
        "Llama 3.1 Community License",
    ),
    (
        "accounts/fireworks/models/llama-v3p1-405b-instruct",
        None,
        "Llama 3.1 Community License",
    ),
    (
        "llama-3.3-70b-versatile",
        Some("groq"),
        "Llama 3.3 Community License",
    ),
    (
        "Llama-4-Maverick-17B-128E-Instruct-FP8",
        None,
        "Llama 4 Community License",
    ),
    (
        "codellama:13b-code-q4_K_M",
        Some("ollama"),
        "Llama 2 Community License",
    ),
    (
        "ollama/qwen2.5-coder:7b-instruct-q4_K_M",
        None,
        "Apache-2.0",
    ),
    ("Qwen/Qwen2.5-Coder-32B-Instruct", None, "Apache-2.0"),
    ("qwen2.5-coder:3b", None, "Qwen Research License"),
    (
        "Qwen2.5-Coder-3B-Instruct.Q8_0.gguf",
        None,
        "Qwen Research License",
    ),
    ("qwen2.5:72b", None, "Qwen License"),
    ("qwen/qwen-2.5-72b-instruct", None, "Qwen License"),
    ("qwen3:8b", None, "Apache-2.0"),
    (
        "unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF",
        None,
        "Apache-2.0",
    ),
    ("qwen3-coder:480b-cloud", None, "Apache-2.0"),
    ("QWEN3-CODER-30B-A3B-INSTRUCT", None, "Apache-2.0"),
    (
        "deepseek-ai/DeepSeek-V3",
        None,
        "DeepSeek License Agreement 1.0",
    ),
    ("deepseek-v3.1:671b-cloud", None, "MIT"),
    ("deepseek/deepseek-r1-0528:free", None, "MIT"),
    ("us.deepseek.r1-v1:0", None, "MIT"),
    ("deepseek-r1-distill-qwen-32b", None, "MIT"),
    (
        "deepseek-coder-v2:16b-lite-instruct-q4_0",
        None,
        "DeepSeek License Agreement 1.0",
    ),
    (
        "deepseek-coder:6.7b",
        None,
        "DeepSeek License Agreement 1.0",
    ),
    ("moonshotai/kimi-k2", None, "Modified MIT License (Kimi K2)"),
    ("kimi-k2.5", None, "Modified MIT License (Kimi K2.5)"),
    ("z-ai/glm-4.5-air:free", None, "MIT"),
    ("glm-4.6", None, "MIT"),
    (
        "minimax/minimax-m2",
        None,
        "Modified MIT License (MiniMax M2)",
    ),
    (
        "codestral:22b-v0.1-q4_K_M",
        None,
        "Mistral AI Non-Production License 0.1",
    ),
    (
        "codestral",
        Some("ollama"),
        "Mistral AI Non-Production License 0.1",
    ),
    ("codestral-2508", Some("mistral"), "proprietary"),
    ("mistralai/devstral-small-2505:free", None, "Apache-2.0"),
    ("devstral-2512", None, "Modified MIT License (Devstral 2)"),
    (
        "mistral.mistral-large-2407-v1:0",
        None,
        "Mistral AI Research License 0.1",
    ),
    ("mistral-7b-instruct-v0.3", None, "Apache-2.0"),
    ("mixtral:8x7b", None, "Apache-2.0"),
    ("gemma3:27b-it-qat", None, "Gemma Terms of Use"),
    ("google/gemma-4-31b-it", None, "Apache-2.0"),
    ("phi4", Some("ollama"), "MIT"),
    ("granite-code:8b", None, "Apache-2.0"),
    ("starcoder2:15b", None, "BigCode OpenRAIL-M v1"),
    ("command-r-plus", Some("ollama"), "CC-BY-NC-4.0"),
    ("yi-coder:9b", None, "Apache-2.0"),
    ("grok-1", None, "Apache-2.0"),
    ("deepseek/deepseek-v3.2", None, "MIT"),
    (
        "moonshotai/Kimi-K2-Thinking",
        None,
        "Modified MIT License (Kimi K2 Thinking)",
    ),
    ("z-ai/glm-5", None, "MIT"),
    ("qwen2.5:3b-instruct", None, "Qwen Research License"),
];

/// Names that do not tell under which licence the model stands.
const UNKNOWN: &[(&str, Option<&str>)] = &[
    ("", None),
    ("auto", Some("cursor")),
    ("default", None),
    ("my-model", None),
    // The size decides, and is not named, or is none of them.
    ("qwen2.5-coder:latest", Some("ollama")),
    ("qwen2.5-coder:4b", None),
    ("qwen2.5", None),
    ("deepseek-r1:8b", Some("ollama")),
    // The version decides.
    ("deepseek-chat", Some("deepseek")),
    ("deepseek-reasoner", None),
    ("codestral-latest", Some("mistral")),
    ("mistral-large-latest", None),
    ("deepseek-v3-0324", None),
    ("glm-99", None),
    ("gpt-oss-7b", None),
    ("gpt-2", None),
    ("gpt-neox-20b", None),
    // Services beside open models of the same name.
    ("qwen3-max", None),
    ("qwen3-coder-plus", None),
    ("command-r-plus", Some("cohere")),
    // Made from another model by somebody else.
    ("NousResearch/Hermes-3-Llama-3.1-8B", None),
    ("Qwen2.5-Coder-32B-Instruct-abliterated", None),
    ("claude-3-distill-7b", None),
    ("llama-3.1-nemotron-70b-instruct", None),
    ("deepseek-r1-distill-llama-70b", None),
];

#[test]
fn recorded_names_lead_to_the_licence() {
    for (name, provider, licence) in KNOWN {
        let found = licence_of(name, *provider).map(crate::Licence::id);
        assert_eq!(found, Some(*licence), "{name}");
    }
}

#[test]
fn what_a_name_leaves_open_is_not_guessed() {
    for (name, provider) in UNKNOWN {
        assert_eq!(licence_of(name, *provider), None, "{name}");
    }
}

#[test]
fn facts_name_vendor_and_weights() {
    let found = facts("ollama/codellama:7b", None).unwrap();
    assert_eq!(found.vendor, "Meta");
    assert_eq!(found.made_from.as_deref(), Some("Llama 2"));
    assert!(found.open_weights);
    assert!(!facts("claude-haiku-4-5", None).unwrap().open_weights);
}

#[test]
fn every_fact_has_a_source_and_a_day() {
    for (file, text) in FILES {
        let read: File = toml::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(!read.model.is_empty(), "{file}");
        for entry in &read.model {
            let names = &entry.names;
            let mut facts = vec!["vendor", "weights", "licence"];
            facts.extend(entry.made_from.is_some().then_some("made_from"));
            for fact in facts {
                let mut sources = entry.sources.iter();
                let has = sources.any(|source| source.of.iter().any(|of| of == fact));
                assert!(has, "{file}: {names:?}: no source for {fact}");
            }
            for source in &entry.sources {
                assert!(source.url.starts_with("https://"), "{file}: {names:?}");
                let day: Vec<&str> = source.looked_up.split('-').collect();
                let lengths: Vec<usize> = day.iter().map(|part| part.len()).collect();
                assert_eq!(lengths, [4, 2, 2], "{file}: {names:?}");
            }
        }
    }
}

#[test]
fn licences_without_an_identifier_have_a_name_and_a_text() {
    // Those that SPDX lists; anything else must be described in its file.
    const SPDX: [&str; 3] = ["Apache-2.0", "MIT", "CC-BY-NC-4.0"];
    for (file, text) in FILES {
        let read: File = toml::from_str(text).unwrap();
        for entry in &read.model {
            let own = read.licence.get(&entry.licence);
            let described =
                own.is_some_and(|licence| !licence.name.is_empty() && licence.url.is_some());
            let listed = SPDX.contains(&entry.licence.as_str());
            assert!(
                described || listed,
                "{file}: {:?}: {}",
                entry.names,
                entry.licence
            );
            let closed = own.is_some_and(|licence| licence.name == "proprietary");
            assert_eq!(closed, !entry.open_weights, "{file}: {:?}", entry.names);
        }
    }
}

#[test]
fn case_and_who_serves_it_make_no_difference() {
    for (name, provider, licence) in KNOWN {
        let dressed = format!("someone/{name}");
        let found = licence_of(&dressed, *provider).map(crate::Licence::id);
        assert_eq!(found, Some(*licence), "{dressed}");
        let upper = name.to_uppercase();
        let found = licence_of(&upper, *provider).map(crate::Licence::id);
        assert_eq!(found, Some(*licence), "{upper}");
    }
}

proptest! {
    #[test]
    fn any_name_is_borne(name in ".{0,60}", provider in proptest::option::of(".{0,10}")) {
        let _ = facts(&name, provider.as_deref());
    }

    #[test]
    fn unknown_words_make_it_another_model(word in "[a-z]{5,9}") {
        prop_assume!(!["instruct", "latest", "cloud", "chat"].contains(&word.as_str()));
        prop_assume!(!["turbo"].contains(&word.as_str()));
        let name = format!("qwen3-{word}-8b");
        prop_assert_eq!(licence_of(&name, None), None);
    }
}
