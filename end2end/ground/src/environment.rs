//! What does a shell, or the portal it starts, need to know of the ground?
use crate::certificates::ADMIN;
use crate::kubeconfig::PORTAL;
use crate::layout::Layout;
use crate::manifests::NAMESPACE;
use crate::state::State;

/// `export NAME='value'` lines, to be evaluated by a shell.
pub fn environment(layout: &Layout, state: &State) -> String {
    let mut values = vec![("GROUND_DIR", layout.dir().display().to_string())];
    if state.api.is_some() {
        values.push(("KUBECONFIG", layout.kubeconfig(PORTAL).display().to_string()));
        values.push(("GROUND_ADMIN_KUBECONFIG", layout.kubeconfig(ADMIN).display().to_string()));
        values.push(("STOWAGE_KUBERNETES__NAMESPACE", NAMESPACE.to_owned()));
    }
    if let Some(url) = &state.postgres {
        values.push(("GROUND_POSTGRES_URL", url.clone()));
    }
    values.push(("STOWAGE_OIDC__ISSUER", state.issuer.clone()));
    values.push(("STOWAGE_OIDC__CLIENT_ID", state.client_id.clone()));
    values.push(("STOWAGE_OIDC__CLIENT_SECRET", state.client_secret.clone()));
    // This provider delivers groups with a scope of that name.
    values.push(("STOWAGE_OIDC__SCOPES", "openid profile email groups".to_owned()));
    values.iter().map(|(name, value)| format!("export {name}={}\n", quoted(value))).collect()
}

/// Within single quotes a shell takes every character as it is, but for the quote itself.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Extent;

    #[test]
    fn a_shell_reads_back_what_was_meant() {
        let layout = Layout::of("/it's/ground".into());
        let state = State {
            extent: Extent::Whole,
            components: Vec::new(),
            api: Some(([127, 0, 0, 1], 6443).into()),
            issuer: "http://127.0.0.1:1".into(),
            client_id: "stowage".into(),
            client_secret: "$(secret)".into(),
            postgres: None,
        };
        let script = format!("{}printf %s \"$GROUND_DIR $STOWAGE_OIDC__CLIENT_SECRET\"", environment(&layout, &state));
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "/it's/ground $(secret)");
        assert!(script.contains("export KUBECONFIG='/it'\\''s/ground/kubeconfigs/portal'\n"));
    }
}
