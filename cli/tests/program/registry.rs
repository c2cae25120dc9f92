//! A registry of charts (OCI) on the loopback, behind TLS: helm speaks to none without.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use sha2::{Digest, Sha256};

use crate::elsewhere::{Server, Talk};

const PEM: &[u8] = include_bytes!("registry.pem");
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Returns the file with the certificate that has to be trusted.
pub(crate) fn certificate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/registry.pem")
}

/// Serves the packed charts of a folder, `NAME-VERSION.tgz`, below `charts/`.
pub(crate) fn serve(folder: &Path) -> Server {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            let certificate = CertificateDer::from_pem_slice(PEM).expect("a certificate");
            let key = PrivateKeyDer::from_pem_slice(PEM).expect("a key");
            config.with_no_client_auth().with_single_cert(vec![certificate], key)
        });
    let config = Arc::new(config.expect("a configuration"));
    let wrap = move |stream: TcpStream| {
        let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
        Box::new(StreamOwned::new(connection, stream)) as Box<dyn Talk>
    };
    let folder = folder.to_path_buf();
    Server::start_behind(wrap, move |path| answer(&folder, path))
}

/// What the registry has, looked up anew each time.
#[derive(Default)]
struct Content {
    blobs: BTreeMap<String, Vec<u8>>,
    /// By name and tag.
    manifests: BTreeMap<(String, String), Vec<u8>>,
}

impl Content {
    fn of(folder: &Path) -> Content {
        let mut content = Content::default();
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let Some(packed) = file.strip_suffix(".tgz") else { continue };
            let (name, version) = packed.split_once('-').expect("a name and a version");
            let chart = fs::read(entry.path()).expect("a chart");
            let config = format!("{{\"name\":{name:?},\"version\":{version:?}}}").into_bytes();
            let layer = |kind: &str, bytes: &[u8]| {
                let (digest, size) = (digest(bytes), bytes.len());
                let kind = format!("application/vnd.cncf.helm.{kind}");
                format!("{{\"mediaType\":{kind:?},\"digest\":{digest:?},\"size\":{size}}}")
            };
            let manifest = format!(
                "{{\"schemaVersion\":2,\"mediaType\":{MANIFEST:?},\"config\":{},\"layers\":[{}]}}",
                layer("config.v1+json", &config),
                layer("chart.content.v1.tar+gzip", &chart)
            );
            content.blobs.extend([config, chart].map(|bytes| (digest(&bytes), bytes)));
            let tag = (name.to_owned(), version.to_owned());
            content.manifests.insert(tag, manifest.into_bytes());
        }
        content
    }
}

fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn answer(folder: &Path, path: &str) -> (u16, String, Vec<u8>) {
    let content = Content::of(folder);
    let path = path.split('?').next().unwrap_or_default();
    let below = path.strip_prefix("/v2/charts/").unwrap_or_default();
    let found = if let Some((name, tag)) = below.split_once("/manifests/") {
        let has = |entry: &(&(String, String), &Vec<u8>)| {
            let ((of, version), bytes) = entry;
            of == name && (version == tag || digest(bytes) == tag)
        };
        content.manifests.iter().find(has).map(|(_, bytes)| (MANIFEST, bytes.clone()))
    } else if let Some((_, of)) = below.split_once("/blobs/") {
        content.blobs.get(of).map(|bytes| ("application/octet-stream", bytes.clone()))
    } else if let Some(name) = below.strip_suffix("/tags/list") {
        let of_name = content.manifests.keys().filter(|(of, _)| of == name);
        let tags: Vec<&String> = of_name.map(|(_, version)| version).collect();
        let list = format!("{{\"name\":{:?},\"tags\":{tags:?}}}", format!("charts/{name}"));
        (!tags.is_empty()).then(|| ("application/json", list.into_bytes()))
    } else {
        (path == "/v2/").then(|| ("application/json", b"{}".to_vec()))
    };
    match found {
        Some((kind, bytes)) => {
            let digest = digest(&bytes);
            let headers = format!("Content-Type: {kind}\r\nDocker-Content-Digest: {digest}\r\n");
            (200, headers, bytes)
        }
        None => (404, "Content-Type: application/json\r\n".to_owned(), b"{\"errors\":[]}".to_vec()),
    }
}
