//! Who is who in the cluster? One authority of the ground's own signs the servers' certificates and the users'.
use std::fs::Permissions;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};

use crate::layout::Layout;
use crate::network::Subnet;

/// The name in the API server's certificate, whatever address a client reaches it at.
pub(crate) const SERVER_NAME: &str = "kubernetes.default.svc";

/// The certificate user that `kubectl` and the tests act as.
pub(crate) const ADMIN: &str = "admin";

/// File name, user and group of everyone who signs in to the API server with a certificate.
pub(crate) const USERS: [(&str, &str, &str); 8] = [
    (ADMIN, "ground-admin", "system:masters"),
    ("kube-apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters"),
    ("kube-controller-manager", "system:kube-controller-manager", ""),
    ("kube-scheduler", "system:kube-scheduler", ""),
    ("kubelet", "system:node:localhost", "system:nodes"),
    ("local-path-provisioner", "local-path-provisioner", ""),
    ("loop-csi", "loop-csi", ""),
    ("dns", "dns", ""),
];

fn parameters(names: Vec<String>, user: &str, group: &str) -> Result<CertificateParams> {
    let mut parameters = CertificateParams::new(names)?;
    parameters.distinguished_name.remove(DnType::CommonName);
    parameters.distinguished_name.push(DnType::CommonName, user);
    if !group.is_empty() {
        parameters.distinguished_name.push(DnType::OrganizationName, group);
    }
    parameters.not_before = date_time_ymd(2020, 1, 1);
    parameters.not_after = date_time_ymd(2099, 1, 1);
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    Ok(parameters)
}

fn write_secret(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(())
}

/// Writes the authority, the servers', the users' and the service accounts' keys below the ground's directory.
pub(crate) fn write(layout: &Layout, subnet: Subnet) -> Result<()> {
    std::fs::create_dir_all(layout.certificates())?;
    let mut authority = parameters(Vec::new(), "ground", "")?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    std::fs::write(layout.certificate("ca"), issuer.pem())?;

    let sign = |name: &str, mut parameters: CertificateParams, usage: ExtendedKeyUsagePurpose| -> Result<()> {
        parameters.extended_key_usages = vec![usage];
        let key = KeyPair::generate()?;
        std::fs::write(layout.certificate(name), parameters.signed_by(&key, &issuer)?.pem())?;
        write_secret(&layout.key(name), &key.serialize_pem())
    };
    let loopback = || vec!["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string(), subnet.gateway().to_string()];
    let names = [loopback(), vec![SERVER_NAME.to_owned(), "kubernetes".to_owned()]].concat();
    sign("kube-apiserver", parameters(names, "kube-apiserver", "")?, ExtendedKeyUsagePurpose::ServerAuth)?;
    sign("kubelet-server", parameters(loopback(), "kubelet", "")?, ExtendedKeyUsagePurpose::ServerAuth)?;
    for (name, user, group) in USERS {
        sign(name, parameters(Vec::new(), user, group)?, ExtendedKeyUsagePurpose::ClientAuth)?;
    }

    let accounts = KeyPair::generate()?;
    std::fs::write(layout.certificates().join("service-accounts.pub"), accounts.public_key_pem())?;
    write_secret(&layout.key("service-accounts"), &accounts.serialize_pem())
}
