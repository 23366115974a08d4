"""The pages for people: drill, kiosk, teacher, guide. They know HTTP and the store; they do not run the drill."""
