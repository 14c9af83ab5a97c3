//! Pages of a server on this machine, and addresses that are none of the internet's.

use std::net::SocketAddr;
use std::sync::Arc;

use stead_llm::{CancellationToken, Http, Transport};
use stead_testkit::server::{Answer, FakeServer};
use url::Url;

use super::{Pages, looked_at};
use crate::tools::{Page, Web};

fn pages() -> Pages {
    Pages::new(
        Arc::new(Http::default()),
        "stead/0",
        CancellationToken::new(),
    )
}

fn get(server: &FakeServer, path: &str) -> Result<Page, String> {
    pages().get(&format!("{}{path}", server.url), 10, true)
}

fn server() -> FakeServer {
    FakeServer::new(|question| match question.place() {
        "/long" => Answer::Body("0123456789ab".to_owned()),
        "/ten" => Answer::Body("0123456789".to_owned()),
        "/away" => Answer::Leads("http://10.0.0.1/".to_owned()),
        "/half" => Answer::Half("0123".to_owned()),
        "/silence" => Answer::Silence,
        _ => Answer::Status(404),
    })
}

#[test]
fn a_page_is_asked_for_under_our_name_and_no_more_of_it_is_taken_than_wanted() {
    let server = server();
    let page = get(&server, "/ten?a=b").unwrap();
    assert_eq!(
        (page.status, page.body.as_slice(), page.is_cut),
        (200, b"0123456789".as_slice(), false)
    );
    let asked = server.asked();
    assert_eq!(asked[0].header("user-agent"), Some("stead/0"));
    assert_eq!(
        (asked[0].header("cookie"), asked[0].header("referer")),
        (None, None)
    );
    let long = get(&server, "/long").unwrap();
    assert_eq!(
        (long.body.as_slice(), long.is_cut),
        (b"0123456789".as_slice(), true)
    );
    assert_eq!(get(&server, "/none").unwrap().status, 404);
    assert!(
        get(&server, "/half")
            .unwrap_err()
            .starts_with("the page broke off")
    );
}

#[test]
fn nothing_is_followed() {
    let server = server();
    let page = get(&server, "/away").unwrap();
    assert_eq!(
        (page.status, page.location.as_deref()),
        (302, Some("http://10.0.0.1/"))
    );
}

#[test]
fn what_leads_to_this_machine_is_refused_before_anything_is_sent() {
    let server = server();
    let port = server.url.rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let refused = pages().get(&format!("http://{host}:{port}/ten"), 10, false);
        let why = refused.unwrap_err();
        assert!(why.contains("private network"), "{host}: {why}");
    }
    assert!(server.asked().is_empty());
}

#[test]
fn one_address_nearby_among_others_is_too_many() {
    let addresses = |texts: &[&str]| -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    };
    let public = addresses(&["1.1.1.1:80", "[2606:4700::1111]:80"]);
    assert_eq!(looked_at("a.example", public.clone(), false), Ok(public));
    for near in [
        "127.0.0.1:80",
        "169.254.169.254:80",
        "[fd00::1]:80",
        "[::ffff:10.0.0.1]:80",
    ] {
        let mixed = addresses(&["1.1.1.1:80", near]);
        let why = looked_at("a.example", mixed.clone(), false).unwrap_err();
        assert!(
            why.starts_with("a.example (") && why.contains("private network"),
            "{why}"
        );
        assert_eq!(looked_at("a.example", mixed.clone(), true), Ok(mixed));
    }
}

/// What a name means later does not matter: no server of names knows this one.
#[test]
fn a_name_that_was_looked_at_is_not_resolved_again() {
    let server = server();
    let address: SocketAddr = server.url[7..].parse().unwrap();
    let url = format!("http://nobody-knows.example:{}/ten", address.port());
    let http = Http::default().pinned("nobody-knows.example", vec![address]);
    let wanted = pages().wanted(Url::parse(&url).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let status = runtime.block_on(async { http.send(&wanted).await.map(|page| page.status) });
    assert_eq!(status, Ok(200));
    let nowhere = Http::default().pinned("localhost", Vec::new());
    let url = format!("http://localhost:{}/ten", address.port());
    let wanted = pages().wanted(Url::parse(&url).unwrap());
    let sent = runtime.block_on(async { nowhere.send(&wanted).await.map(|page| page.status) });
    assert!(sent.is_err(), "{sent:?}");
}

#[test]
fn whoever_ends_the_session_waits_for_no_page() {
    let server = server();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let pages = Pages::new(Arc::new(Http::default()), "stead/0", cancel);
    let answer = pages.get(&format!("{}/silence", server.url), 10, true);
    assert_eq!(answer, Err("stopped by the user".to_owned()));
}
