//! Where editors of the VS Code family keep what extensions store. Most of them are
//! not known by name: whatever lies where an editor's data lie is looked into.

use std::path::{Path, PathBuf};

use crate::{Disk, Env};

/// Every folder that may be an editor's `User` folder.
pub(super) fn user_folders(env: &Env, disk: &Disk) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for name in ["XDG_CONFIG_HOME", "APPDATA", "VSCODE_APPDATA"] {
        if let Some(folder) = env.path_variable(name) {
            below(disk, &folder, "User", &mut found);
        }
    }
    if let Some(portable) = env.path_variable("VSCODE_PORTABLE") {
        found.push(portable.join("user-data/User"));
    }
    if let Some(server) = env.path_variable("VSCODE_AGENT_FOLDER") {
        found.push(server.join("data/User"));
    }
    if let Some(shared) = env.path_variable("XDG_DATA_HOME") {
        found.push(shared.join("code-server/User"));
    }
    for home in env.homes() {
        of_home(disk, home, &mut found);
    }
    // A root may be an editor's folder of data itself, or its `User` folder.
    for root in &env.roots {
        found.push(root.join("User"));
        found.push(root.clone());
    }
    found
}

fn of_home(disk: &Disk, home: &Path, found: &mut Vec<PathBuf>) {
    // Copies of homes may come from any system.
    for config in [".config", "Library/Application Support", "AppData/Roaming"] {
        below(disk, &home.join(config), "User", found);
    }
    found.push(home.join(".local/share/code-server/User"));
    for entry in disk.list_if_open(home) {
        let is_server = entry.name.starts_with('.')
            && (entry.name.contains("-server") || entry.name.contains("vscode-remote"));
        if is_server && disk.leads_to_folder(&entry) {
            found.push(entry.path().join("data/User"));
        }
    }
    for program in disk.list_if_open(&home.join(".var/app")) {
        below(disk, &program.path().join("config"), "User", found);
    }
}

/// The folder of this name in every folder of a folder.
fn below(disk: &Disk, folder: &Path, name: &str, found: &mut Vec<PathBuf>) {
    for entry in disk.list_if_open(folder) {
        if disk.leads_to_folder(&entry) {
            found.push(entry.path().join(name));
        }
    }
}
