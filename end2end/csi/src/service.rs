//! How is a question answered? Over gRPC on a Unix socket, with one route for each method of the specifications.
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::{MethodRouter, post};
use prost::Message;
use tokio::net::UnixListener;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::service::Routes;
use tonic::{Response, Status};
use tonic_prost::ProstCodec;

use crate::volume::Volumes;
use crate::{controller, identity, node};

/// Answers a method by what `act` makes of its request.
fn method<Q, A, Act, Answer>(act: Act) -> MethodRouter
where
    Q: Message + Default + Debug + 'static,
    A: Message + Default + Debug + 'static,
    Act: Fn(Q) -> Answer + Clone + Send + Sync + 'static,
    Answer: Future<Output = Result<A, Status>> + Send + 'static,
{
    post(async move |request: Request<Body>| {
        let name = request.uri().path().to_owned();
        let answer = tower::service_fn(move |request: tonic::Request<Q>| {
            let (name, request) = (name.clone(), request.into_inner());
            let said = format!("{request:?}");
            let answer = act(request);
            async move {
                let answer = answer.await;
                match &answer {
                    Ok(answer) => println!("{name} {said} -> {answer:?}"),
                    Err(status) => println!("{name} {said} -> {:?}: {}", status.code(), status.message()),
                }
                answer.map(Response::new)
            }
        });
        tonic::server::Grpc::new(ProstCodec::default()).unary(answer, request).await
    })
}

/// The same for what needs the volumes.
fn with<Q, A, Act, Answer>(volumes: &Arc<Volumes>, act: Act) -> MethodRouter
where
    Q: Message + Default + Debug + 'static,
    A: Message + Default + Debug + 'static,
    Act: Fn(Arc<Volumes>, Q) -> Answer + Clone + Send + Sync + 'static,
    Answer: Future<Output = Result<A, Status>> + Send + 'static,
{
    let volumes = Arc::clone(volumes);
    method(move |request| act(Arc::clone(&volumes), request))
}

fn routes(volumes: &Arc<Volumes>, socket: String, node: String) -> Router {
    Router::new()
        .route("/csi.v1.Identity/GetPluginInfo", method(async |()| Ok(identity::plugin_info())))
        .route("/csi.v1.Identity/GetPluginCapabilities", method(async |()| Ok(identity::capabilities())))
        .route("/csi.v1.Identity/Probe", method(async |()| Ok(())))
        .route("/csi.v1.Controller/ControllerGetCapabilities", method(async |()| Ok(controller::capabilities())))
        .route("/csi.v1.Controller/CreateVolume", with(volumes, controller::create))
        .route("/csi.v1.Controller/DeleteVolume", with(volumes, controller::delete))
        .route("/csi.v1.Controller/ControllerExpandVolume", with(volumes, controller::expand))
        .route("/csi.v1.Controller/ValidateVolumeCapabilities", with(volumes, controller::validate))
        .route("/csi.v1.Node/NodeGetCapabilities", method(async |()| Ok(node::capabilities())))
        .route("/csi.v1.Node/NodeGetInfo", method(move |()| std::future::ready(Ok(node::info(&node)))))
        .route("/csi.v1.Node/NodeStageVolume", with(volumes, node::stage))
        .route("/csi.v1.Node/NodeUnstageVolume", method(node::unstage))
        .route("/csi.v1.Node/NodePublishVolume", method(node::publish))
        .route("/csi.v1.Node/NodeUnpublishVolume", method(node::unpublish))
        .route("/csi.v1.Node/NodeGetVolumeStats", method(async |request| node::stats(&request)))
        .route("/csi.v1.Node/NodeExpandVolume", with(volumes, node::expand))
        .route("/pluginregistration.Registration/GetInfo", method(move |()| std::future::ready(Ok(identity::registration(&socket)))))
        .route("/pluginregistration.Registration/NotifyRegistrationStatus", method(async |status| identity::registered(&status)))
        .fallback(async || Status::unimplemented("this driver has no such method").into_http::<Body>())
}

/// Keeps volumes in `dir` and answers on `socket` for the node of this name, until it is ended.
pub async fn serve(socket: &Path, dir: &Path, node: &str) -> Result<()> {
    let volumes = Arc::new(Volumes::open(dir).with_context(|| format!("cannot keep volumes in {}", dir.display()))?);
    let listener = UnixListener::bind(socket).with_context(|| format!("cannot listen on {}", socket.display()))?;
    let routes = Routes::from(routes(&volumes, socket.display().to_string(), node.to_owned()));
    tonic::transport::Server::builder().add_routes(routes).serve_with_incoming(UnixListenerStream::new(listener)).await?;
    Ok(())
}
