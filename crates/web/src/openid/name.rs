//! What people call a provider.

/// Google's address as a provider.
pub const GOOGLE: &str = "https://accounts.google.com";

/// What people call a provider: Google, or its host.
pub(crate) fn name_of(issuer: &str) -> String {
    if issuer == GOOGLE {
        return "Google".to_owned();
    }
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_called_by_its_host_and_google_by_its_name() {
        let names = [GOOGLE, "https://id.example.com/realms/staff", "http://127.0.0.1:9000"].map(name_of);
        assert_eq!(names, ["Google", "id.example.com", "127.0.0.1:9000"]);
    }
}
