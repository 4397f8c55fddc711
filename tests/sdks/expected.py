"""What every client must tell, whichever shape it speaks and whichever the model behind it does."""

PROFILES = ("gpt", "claude")
"""Each client meets its own dialect at one of them and is translated at the other."""
PARIS, ROME = ["weather", {"city": "Paris"}], ["weather", {"city": "Rome"}]
USED = {"prompt": 12, "cached": 4, "written": 5}
SAID = {
    "text": "Hello there.",
    "usage": USED,
    "streamed": "Hello there.",
    "streamed_usage": USED,
    "schema": {"city": "Paris", "people": 2},
    "tools": [PARIS],
    "parallel": [PARIS, ROME],
    "streamed_parallel": [PARIS, ROME],
    "after_tools": "Told: 20 degrees, 21 degrees",
    "picture": "image/png, 70 bytes",
}
PLAIN = {
    "openai": {
        400: "BadRequestError",
        401: "AuthenticationError",
        402: "APIStatusError",
        403: "PermissionDeniedError",
        404: "NotFoundError",
        429: "RateLimitError",
        502: "InternalServerError",
        503: "InternalServerError",
        504: "InternalServerError",
    }
}
PLAIN["anthropic"] = PLAIN["openai"] | {503: "ServiceUnavailableError", 504: "GatewayTimeoutError"}
