"""Deploy the graph onto a running Ray: `python -m serve_app --address 127.0.0.1:6379 --http-port 8000`.

Returns once the application runs; the graph stays. The stack and a plain cluster without a dashboard start it this way;
with a dashboard, `serve deploy deploy/serve_config.yaml` does the same. `--address -` imports and builds at once, which
takes seconds, and then waits for the address on its standard input: the stack lets that pass while Ray starts.
"""

from __future__ import annotations

import argparse
import sys

from credit.errors import LoanstreamError, StackError

APPLICATION = "loanstream"
_TOLD_LATER = "-"
# Names a function for each gRPC service, imported wherever Serve listens; deploy/serve_config.yaml names the same.
GRPC_SERVICERS = ["serve_app.door.grpc.decisions_pb2_grpc.add_DecisionsServicer_to_server"]


def deploy(address: str, namespace: str, host: str, http_port: int, grpc_port: int) -> None:
    """Run the application on the Ray at `address` ("-": told later), its doors on two ports of `host`; wait for it."""
    import ray
    from ray import serve

    from serve_app.app import build

    app = build()
    if address == _TOLD_LATER:
        address = sys.stdin.readline().strip()
        if not address:
            raise StackError("no address of a Ray head came on the standard input; name one with --address")
    ray.init(address=address, namespace=namespace, logging_level="warning", log_to_driver=False)
    # Serve's gRPC listens where its HTTP does.
    serve.start(
        http_options={"host": host, "port": http_port, "location": "HeadOnly"},
        grpc_options={"port": grpc_port, "grpc_servicer_functions": GRPC_SERVICERS},
    )
    # A line for every call of every step would cost more than the step.
    serve.run(app, name=APPLICATION, route_prefix="/", blocking=False, logging_config={"enable_access_log": False})


def main() -> int:
    """Parse the command line and deploy; an error of ours is one line and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m serve_app", description="Deploy the graph onto a running Ray.")
    parser.add_argument("--address", required=True, help="Address of the Ray head, host:port; - reads it.")
    parser.add_argument("--namespace", default="serve")
    parser.add_argument("--http-host", default="127.0.0.1")
    parser.add_argument("--http-port", type=int, default=8000)
    parser.add_argument("--grpc-port", type=int, default=9000)
    options = parser.parse_args()
    try:
        deploy(options.address, options.namespace, options.http_host, options.http_port, options.grpc_port)
    except LoanstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
