//! The server as async calls. A page on static hosting, or offline, has none: every call then says
//! [`ApiError::Unreachable`], and the page goes on without.

use api::http::Problem;
use api::http::circuits::{Circuit, CircuitList, CircuitSummary, SaveCircuit};
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::de::DeserializeOwned;

/// Why a call gave nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiError {
    /// No server, or one that is not ours.
    Unreachable,
    /// The server says no, and why.
    Refused(Box<Problem>),
}

const CIRCUITS: &str = "/api/v1/circuits";

/// The guest's or user's circuits, newest first.
pub async fn list_circuits() -> Result<Vec<CircuitSummary>, ApiError> {
    let list: CircuitList = read(send(Request::get(CIRCUITS)).await?).await?;
    Ok(list.circuits)
}

pub async fn load_circuit(id: &str) -> Result<Circuit, ApiError> {
    read(send(Request::get(&address(id))).await?).await
}

/// Keeps a new circuit.
pub async fn create_circuit(circuit: &SaveCircuit) -> Result<Circuit, ApiError> {
    let request = Request::post(CIRCUITS).json(circuit).map_err(|_| ApiError::Unreachable)?;
    read(request.send().await.map_err(|_| ApiError::Unreachable)?).await
}

/// Replaces a kept circuit; refused if someone else did so since `version`.
pub async fn update_circuit(
    id: &str,
    version: i64,
    circuit: &SaveCircuit,
) -> Result<Circuit, ApiError> {
    let request = Request::put(&address(id)).header("if-match", &format!("\"{version}\""));
    let request = request.json(circuit).map_err(|_| ApiError::Unreachable)?;
    read(request.send().await.map_err(|_| ApiError::Unreachable)?).await
}

pub async fn delete_circuit(id: &str) -> Result<(), ApiError> {
    let response = send(Request::delete(&address(id))).await?;
    if response.ok() { Ok(()) } else { Err(problem(response).await) }
}

fn address(id: &str) -> String {
    format!("{CIRCUITS}/{}", String::from(js_sys::encode_uri_component(id)))
}

async fn send(request: RequestBuilder) -> Result<Response, ApiError> {
    request.header("accept", "application/json").send().await.map_err(|_| ApiError::Unreachable)
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, ApiError> {
    if !response.ok() {
        return Err(problem(response).await);
    }
    // A static host answers with its own page: that is no server of ours.
    response.json().await.map_err(|_| ApiError::Unreachable)
}

async fn problem(response: Response) -> ApiError {
    match response.json::<Problem>().await {
        Ok(problem) => ApiError::Refused(Box::new(problem)),
        Err(_) => ApiError::Unreachable,
    }
}
