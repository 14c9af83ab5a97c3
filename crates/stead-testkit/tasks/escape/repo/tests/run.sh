sh app.sh
