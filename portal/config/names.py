"""The names of the settings: what each is for, which may come as credentials, and what the demo takes instead."""

from __future__ import annotations

# What systemd may hand over as credentials (files for this service alone, sealed where they lie) instead of an
# environment that every child inherits.
CREDENTIALS = (
    "PORTAL_SECRET_KEY",
    "PORTAL_SECRET_KEY_FALLBACKS",
    "PORTAL_PASSWORD_SALT",
    "PORTAL_TOTP_SECRET",
    "PORTAL_DATABASE_URL",
    "PORTAL_MAIL_URL",
    "PORTAL_MQTT_URL",
)

# Known to everybody, so good for one thing only: to look at the demo alliance on one's own machine.
DEMO_SECRETS = {
    "PORTAL_SECRET_KEY": "demo-only-session-key-that-everybody-knows",
    "PORTAL_PASSWORD_SALT": "demo-only-password-salt-that-everybody-knows",
    "PORTAL_TOTP_SECRET": "demo-only-second-factor-key-that-everybody-knows",
}

DESCRIPTION = {
    "PORTAL_SECRET_KEY": "signs sessions and forms; at least 32 bytes",
    "PORTAL_SECRET_KEY_FALLBACKS": "earlier keys, comma separated, still accepted after a change",
    "PORTAL_PASSWORD_SALT": "mixed into every password before hashing; keep it with the backups",
    "PORTAL_TOTP_SECRET": "encrypts the second factors at rest; keep it with the backups",
    "PORTAL_BASE_URL": "the address people see, such as https://portal.example.com",
    "PORTAL_FOLDER": "where database, evidence and mails go unless said otherwise (./var)",
    "PORTAL_DATABASE_URL": "postgresql://user:password@host/name, with ?sslmode=verify-full to another machine "
    "(an SQLite file in PORTAL_FOLDER)",
    "PORTAL_KEYS": "the folder of the log key and of the signer for documents (PORTAL_FOLDER/keys)",
    "PORTAL_LOG": "the folder of the published transparency log (PORTAL_FOLDER/log)",
    "PORTAL_SIGNER": "what signs documents: a PKCS#12 file, or pkcs11:module=…;token=…;cert=… (the development CA's signer)",
    "PORTAL_SIGNER_PASSPHRASE": "the file that holds the signer's passphrase or PIN",
    "PORTAL_TIMESTAMPS_URL": "an RFC 3161 authority that stamps signed documents (none)",
    "PORTAL_STORAGE": "the folder for evidence files (PORTAL_FOLDER/storage)",
    "PORTAL_SCANNER": "the socket of clamd, which scans uploaded files for viruses (none)",
    "PORTAL_MAIL_URL": "smtp://user:password@host:587, smtps://…:465, or a folder that takes .eml files "
    "(PORTAL_FOLDER/mail)",
    "PORTAL_MAIL_FROM": "the sender of every mail (no-reply@ the host of PORTAL_BASE_URL)",
    "PORTAL_TRUSTED_PROXIES": "how many reverse proxies stand in front and set X-Forwarded-For (0)",
    "PORTAL_METRICS": "the address for Prometheus: a port of this machine, or host:port (off)",
    "PORTAL_WORKERS": "web processes (one per core and one more)",
    "PORTAL_MQTT_URL": "mqtts://user:password@broker:8883, where meters publish their readings; mqtt:// on this "
    "machine only (none)",
    "PORTAL_MQTT_PREFIX": "what the topics of readings begin with (meters)",
    "PORTAL_MQTT_CA": "the file of the CA that vouches for the broker (those that the machine trusts)",
    "PORTAL_TIMEZONE": "for the times and deadlines that people see (Asia/Shanghai)",
    "PORTAL_DEMO": "1 takes well-known secrets, for the demo alliance on your own machine (off)",
}
