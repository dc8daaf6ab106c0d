use super::*;

fn parse(text: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse(text, Template::by_key("scim").unwrap(), Reachable::default())
}

fn aws(text: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse(text, Template::by_key("aws").unwrap(), Reachable::default())
}

#[test]
fn an_endpoint_is_the_same_with_and_without_a_trailing_slash() {
    assert_eq!(
        parse("https://scim.example.com/scim/v2/").unwrap().as_str(),
        "https://scim.example.com/scim/v2"
    );
    assert_eq!(parse("http://127.0.0.1:9/v2").unwrap().as_str(), "http://127.0.0.1:9/v2");
    assert_eq!(parse("http://localhost:9").unwrap().as_str(), "http://localhost:9");
}

#[test]
fn a_token_is_never_sent_unencrypted_over_a_network() {
    assert!(matches!(parse("http://scim.example.com/v2"), Err(EndpointError::Unencrypted(_))));
    assert_eq!(parse(" ").unwrap_err(), EndpointError::Missing);
    let scheme = parse("ftp://scim.example.com/v2").unwrap_err().to_string();
    assert!(scheme.ends_with("as the app shows it, beginning with https://"), "{scheme}");
    assert!(matches!(parse("http://127.0.0.1.example.com/v2"), Err(EndpointError::Unencrypted(_))));
}

#[test]
fn link_local_and_metadata_addresses_are_never_called() {
    for host in ["169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "0.0.0.0"] {
        assert!(matches!(parse(&format!("https://{host}/v2")), Err(EndpointError::LinkLocal(_))), "{host}");
    }
}

#[test]
fn private_addresses_are_called_only_where_the_configuration_says_so() {
    for host in ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "[fc00::1]"] {
        let text = format!("https://{host}/v2");
        assert!(matches!(parse(&text), Err(EndpointError::Private(_))), "{host}");
        let scim = Template::by_key("scim").unwrap();
        assert!(Endpoint::parse(&text, scim, Reachable { private: true }).is_ok(), "{host}");
    }
}

#[test]
fn what_is_no_plain_url_is_refused() {
    assert!(matches!(parse("scim.example.com"), Err(EndpointError::NotAUrl(_))));
    assert!(matches!(parse("ftp://example.com"), Err(EndpointError::Scheme(_))));
    assert!(matches!(parse("https://me:secret@example.com/v2"), Err(EndpointError::Credentials)));
    assert!(matches!(parse("https://example.com/v2?x=1"), Err(EndpointError::Tail)));
}

#[test]
fn an_aws_endpoint_is_one_of_awss_or_loopback() {
    for text in [
        "https://scim.eu-west-1.amazonaws.com/f3vd2aa29dc-223c-4d1b-9f0e-1234567890ab/scim/v2/",
        "https://scim.us-east-1.api.aws/bdh6a5e3698-0fc6-4d1b-9f0e-1234567890ab/scim/v2",
        "http://127.0.0.1:8081/tenant/scim/v2",
    ] {
        assert!(aws(text).is_ok(), "{text}");
    }
    for text in [
        "https://scim.example.com/t/scim/v2",
        "https://scim.eu-west-1.amazonaws.com.evil.example/t/scim/v2",
        "https://scim.eu-west-1.amazonaws.com/t/scim",
        "https://scim.eu-west-1.amazonaws.com:8443/t/scim/v2",
    ] {
        assert!(matches!(aws(text), Err(EndpointError::NotAws(_))), "{text}");
    }
}
