-- The four database roles; run once, by psql, when PostgreSQL makes its folder. Passwords come from the environment.
\getenv owner_password MESHMARKET_OWNER_PASSWORD
\getenv web_password MESHMARKET_WEB_PASSWORD
\getenv worker_password MESHMARKET_WORKER_PASSWORD
\getenv sealer_password MESHMARKET_SEALER_PASSWORD

CREATE ROLE meshmarket_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE meshmarket_web LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'web_password';
CREATE ROLE meshmarket_worker LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'worker_password';
CREATE ROLE meshmarket_sealer LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'sealer_password';

ALTER DATABASE meshmarket OWNER TO meshmarket_owner;
REVOKE ALL ON DATABASE meshmarket FROM PUBLIC;
GRANT CONNECT ON DATABASE meshmarket TO meshmarket_web, meshmarket_worker, meshmarket_sealer;
