//! The list of adapters: one line each.

use crate::Adapter;
use crate::agents;

/// Every adapter, in the order in which people see them.
pub fn adapters() -> &'static [&'static dyn Adapter] {
    &[
        &agents::claude_code::ClaudeCode,
        &agents::codex::Codex,
        &agents::opencode::OpenCode,
        &agents::goose::Goose,
        &agents::cline::Cline,
        &agents::roo_code::RooCode,
        &agents::kilo_code::KiloCode,
        &agents::openhands::OpenHands,
        &agents::aider::Aider,
        &agents::crush::Crush,
        &agents::stead::Stead,
    ]
}

/// The adapter with this id or alias, in any case.
pub fn adapter(name: &str) -> Option<&'static dyn Adapter> {
    adapters().iter().copied().find(|adapter| {
        let info = adapter.info();
        info.id.as_str().eq_ignore_ascii_case(name)
            || info
                .aliases
                .iter()
                .any(|alias| alias.eq_ignore_ascii_case(name))
    })
}
