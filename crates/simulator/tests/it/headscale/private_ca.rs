//! A server with a certificate of its house's own authority.

use std::sync::Arc;

use control_plane::{ControlPlane, ControlPlaneError, Secret};
use headscale_client::{HeadscaleClient, Server, Trust};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use simulator::{Dialect, Simulator};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::stage::{KEY, community, limits, serve};

const AUTHORITY: &[u8] = include_bytes!("../../private-ca/ca.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../private-ca/server.pem");
const ITS_KEY: &[u8] = include_bytes!("../../private-ca/server.key");

/// A door with TLS in front of a simulated server. Gives its address.
async fn behind_tls(simulator: &Simulator) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(ITS_KEY).expect("a key");
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate], key).expect("they fit");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let behind = simulator.headscale_url("acequia").expect("it is in the world").replace("http://", "");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("https://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                if let (Ok(mut outside), Ok(mut inside)) =
                    (acceptor.accept(stream).await, TcpStream::connect(behind).await)
                {
                    let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn an_authority_of_ones_own_is_believed_where_it_is_given_and_nowhere_else() {
    let simulator = serve(community(Dialect::V0_29)).await;
    let address = behind_tls(&simulator).await;
    let client = |private_ca: Option<&[u8]>| {
        let trust = Trust { private_ca: private_ca.map(<[u8]>::to_vec) };
        let server = Server { trust, ..Server::new(address.clone(), Secret::new(KEY)) };
        HeadscaleClient::new(server, limits())
    };
    let refused = client(None).unwrap().list_users().await;
    let Err(ControlPlaneError::Unreachable { reason }) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("certificate"), "{reason}");
    assert!(simulator.log().is_empty(), "nobody was told the key");
    assert_eq!(client(Some(AUTHORITY)).unwrap().list_users().await.unwrap().len(), 3);
    assert!(client(Some(b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")).is_err());
    assert!(client(Some(b"")).is_err());
}
