"""Entry points for ape (`ape run NAME`) and for cron (`python -m scripts.NAME`)."""
